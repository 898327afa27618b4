"""A small writer of TNEF (MS-OXTNEF) and of compressed RTF (MS-OXRTFCP), to have something to read."""

import struct

STRING, UNICODE, OBJECT, BINARY, LONG = 0x1E, 0x1F, 0x0D, 0x102, 0x03
Property = tuple[int, int, bytes]  # type, id, value


def container(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def attribute(level: int, ident: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, ident, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def message_properties(*properties: Property) -> bytes:
    return attribute(1, 0x00069003, _list(properties))


def codepage(number: int) -> bytes:
    return attribute(1, 0x00069007, struct.pack("<II", number, 0))


def plain_body(text: bytes) -> bytes:
    return attribute(1, 0x0002800C, text + b"\0")


def attachment(short_name: bytes, content: bytes, *properties: Property) -> bytes:
    found = attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, short_name + b"\0")
    found += attribute(2, 0x0006800F, content) if content else b""
    return found + (attribute(2, 0x00069005, _list(properties)) if properties else b"")


def embedded(inner: bytes) -> Property:
    return OBJECT, 0x3701, bytes(16) + inner


def text(ident: int, words: str) -> Property:
    return UNICODE, ident, words.encode("utf-16-le") + b"\0\0"


def named(value: bytes) -> bytes:
    """A property with a name of its own in front of the others, which a reader has to step over."""
    name = "X-Test".encode("utf-16-le") + b"\0\0"
    return struct.pack("<HH", STRING, 0x8001) + bytes(16) + struct.pack("<II", 1, len(name)) + _pad(name) + _blob(value)


def rtf_literals(rtf: bytes) -> bytes:
    """RTF in the compressed form, without any reference into the dictionary."""
    packed = b"".join(b"\0" + rtf[at : at + 8] for at in range(0, len(rtf), 8))
    return struct.pack("<IIII", len(packed) + 12, len(rtf), 0x75465A4C, 0) + packed


def rtf_stored(rtf: bytes) -> bytes:
    return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def _list(properties: tuple[Property, ...]) -> bytes:
    return struct.pack("<I", len(properties)) + b"".join(
        struct.pack("<HH", kind, ident) + (value if kind == LONG else _blob(value)) for kind, ident, value in properties
    )


def _blob(value: bytes) -> bytes:
    return struct.pack("<II", 1, len(value)) + _pad(value)


def _pad(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
