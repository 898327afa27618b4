"""Photos of bicycles, drawn and encoded here: a demo needs no files of others and no library for it."""

import functools
import math
import struct
import zlib
from collections.abc import Iterable, Iterator

Colour = tuple[float, float, float]
Rows = list[list[Colour]]
Point = tuple[float, float]

WIDTH, HEIGHT = 192, 128
SKY, GROUND, TYRE, RUST = (214, 226, 233), (178, 170, 152), (42, 40, 38), (150, 74, 38)
PAINTS: tuple[Colour, ...] = ((58, 98, 76), (198, 172, 128), (42, 88, 168), (168, 46, 38))
REAR, FRONT, BOTTOM, SEAT, HEAD = (50.0, 88.0), (142.0, 88.0), (84.0, 88.0), (74.0, 42.0), (128.0, 46.0)
FRAME = ((REAR, BOTTOM), (REAR, SEAT), (BOTTOM, SEAT), (BOTTOM, HEAD), (SEAT, HEAD), (HEAD, FRONT))
RADIUS = 28.0

# JPEG (ITU-T T.81). Every code has eight bits: a Huffman table may say so, and needs no statistics.
ZIGZAG = sorted(range(64), key=lambda at: (s := at // 8 + at % 8, at // 8 if s % 2 else at % 8))
STEP = 12  # of all coefficients: a small picture of fair quality
DC = bytes(range(12))
AC = bytes([0x00, 0xF0, *(run << 4 | size for run in range(16) for size in range(1, 11))])


@functools.cache
def drawn(paint: int, *, rust: bool = False) -> Rows:
    """A bicycle in one of the PAINTS, leaning against nothing."""
    colour = PAINTS[paint % len(PAINTS)]
    return [[_colour_at((x + 0.5, y + 0.5), colour, rust=rust) for x in range(WIDTH)] for y in range(HEIGHT)]


@functools.cache
def png(paint: int) -> bytes:
    lines = (b"\0" + bytes(round(value) for pixel in row for value in pixel) for row in drawn(paint))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(b"".join(lines), 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@functools.cache
def jpeg(paint: int) -> bytes:
    """With a spot of rust, which is what people take photos of."""
    frame = struct.pack(">BHHB", 8, HEIGHT, WIDTH, 3) + b"".join(bytes([part, 0x11, 0]) for part in (1, 2, 3))
    scan = b"\3\1\0\2\0\3\0\0\x3f\0"
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            _segment(0xDB, b"\0" + bytes([STEP]) * 64),
            _segment(0xC0, frame),
            _segment(0xC4, b"\x00" + _all_of_eight_bits(DC)),
            _segment(0xC4, b"\x10" + _all_of_eight_bits(AC)),
            _segment(0xDA, scan),
            _scanned(drawn(paint, rust=True)),
            b"\xff\xd9",
        )
    )


# -- drawing


def _colour_at(point: Point, paint: Colour, *, rust: bool) -> Colour:
    x, y = point
    shade = y / HEIGHT * 24
    base = SKY if y < 112 else GROUND
    colour: Colour = (base[0] - shade, base[1] - shade, base[2] - shade)
    for hub in (REAR, FRONT):
        colour = _over(colour, TYRE, abs(math.dist(point, hub) - RADIUS) - 2.4)
        colour = _over(colour, TYRE, math.dist(point, hub) - 3)
    for begin, end in FRAME:
        colour = _over(colour, paint, _distance(point, begin, end) - 2.2)
    colour = _over(colour, TYRE, _distance(point, (64, 38), (82, 38)) - 2)
    colour = _over(colour, TYRE, _distance(point, (128, 40), (140, 36)) - 1.6)
    return _over(colour, RUST, math.dist(point, HEAD) - 5 - math.sin(x * 1.7) - math.cos(y * 2.1)) if rust else colour


def _over(below: Colour, above: Colour, outside: float) -> Colour:
    """`above` where the point is inside of a shape; half of it on its edge."""
    if outside >= 0.5:
        return below
    share = min(1.0, 0.5 - outside)
    mixed = (low + (high - low) * share for low, high in zip(below, above, strict=True))
    return next(mixed), next(mixed), next(mixed)


def _distance(point: Point, begin: Point, end: Point) -> float:
    (px, py), (ax, ay), (bx, by) = point, begin, end
    along = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / math.dist(begin, end) ** 2
    along = min(1.0, max(0.0, along))
    return math.dist(point, (ax + along * (bx - ax), ay + along * (by - ay)))


# -- encoding


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _all_of_eight_bits(symbols: bytes) -> bytes:
    """A Huffman table: how many codes have 1 to 16 bits, then what they mean."""
    return bytes([0] * 7 + [len(symbols)] + [0] * 8) + symbols


def _scanned(rows: Rows) -> bytes:
    """The blocks of all three components in turn, as bits; a byte FF has 00 after it (T.81, B.1.1.5)."""
    planes, before = [_plane(rows, part) for part in range(3)], [0, 0, 0]
    bits: list[str] = []
    for top in range(0, HEIGHT, 8):
        for left in range(0, WIDTH, 8):
            for part, plane in enumerate(planes):
                block = _frequencies([row[left : left + 8] for row in plane[top : top + 8]])
                bits += _coded(block, before[part])
                before[part] = block[0]
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    return int(stream, 2).to_bytes(len(stream) // 8, "big").replace(b"\xff", b"\xff\0")


def _plane(rows: Rows, part: int) -> list[list[float]]:
    """Y, Cb or Cr of each pixel, round zero (JFIF 1.02)."""
    red, green, blue = ((0.299, 0.587, 0.114), (-0.1687, -0.3313, 0.5), (0.5, -0.4187, -0.0813))[part]
    shift = 128 if part == 0 else 0
    return [[red * r + green * g + blue * b - shift for r, g, b in row] for row in rows]


@functools.cache
def _waves() -> list[list[float]]:
    scale = [math.sqrt(1 / 8), *[math.sqrt(2 / 8)] * 7]
    return [[scale[u] * math.cos((2 * x + 1) * u * math.pi / 16) for x in range(8)] for u in range(8)]


def _frequencies(block: list[list[float]]) -> list[int]:
    """The 64 coefficients of the block's cosine transform, quantised, low frequencies first."""
    waves = _waves()
    across = [[sum(map(float.__mul__, row, wave)) for wave in waves] for row in block]
    down = [[sum(map(float.__mul__, column, wave)) for column in zip(*across, strict=True)] for wave in waves]
    return [round(down[at // 8][at % 8] / STEP) for at in ZIGZAG]


def _coded(block: list[int], before: int) -> Iterator[str]:
    yield from _number(DC, 0, block[0] - before)
    run = 0
    for value in _without_end(block[1:]):
        if value == 0:
            run += 1
            continue
        for _ in range(run // 16):
            yield _code(AC, 0xF0)
        yield from _number(AC, run % 16 << 4, value)
        run = 0
    if block[-1] == 0:
        yield _code(AC, 0)


def _without_end(values: list[int]) -> Iterable[int]:
    last = max((at for at, value in enumerate(values) if value), default=-1)
    return values[: last + 1]


def _number(table: bytes, run: int, value: int) -> Iterator[str]:
    """The code of the number's length, and its bits: those of a negative one are turned over (T.81, F.1.2.1)."""
    size = abs(value).bit_length()
    yield _code(table, run | size)
    if size:
        yield f"{value if value > 0 else value + (1 << size) - 1:0{size}b}"


def _code(table: bytes, symbol: int) -> str:
    return f"{table.index(symbol):08b}"
