"""Reading DATA, against a slow and obvious reading of RFC 5321, 4.5.2 and 4.1.1.4."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.data import END, Memory, Parcel, read_data

TOKENS = st.sampled_from(
    [b".", b"\r\n", b"\n", b"\r", b"..", b"\r\n.", b"\n.\r\n", b"\r\n.\r", b"a", b"\0", b"xyz" * 7]
)
WIRE = st.lists(TOKENS, max_size=30).map(b"".join)


@given(WIRE, st.lists(st.integers(1, 20), min_size=1), st.integers(1, 40))
async def test_a_mail_ends_at_the_first_crlf_dot_crlf_however_it_is_cut(
    wire: bytes, cuts: list[int], limit: int
) -> None:
    wire = wire + END + b"NOOP\r\n"
    reader = asyncio.StreamReader(limit=limit)
    parcel = Parcel(10_000, Memory(10_000))
    reading = asyncio.create_task(read_data(reader, parcel.take))
    for piece in pieces(wire, cuts):
        reader.feed_data(piece)
        await asyncio.sleep(0)
    reader.feed_eof()
    await reading
    expected, rest = obvious_reading(wire)
    assert parcel.content() == expected
    assert await reader.read() == rest


def obvious_reading(wire: bytes) -> tuple[bytes, bytes]:
    """The mail and what comes after it. The CRLF of the DATA command counts as that of a line before."""
    stuffed, end, rest = (b"\r\n" + wire).partition(END)
    assert end
    lines = (stuffed + b"\r\n").split(b"\r\n")[1:-1]
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines), rest


def pieces(wire: bytes, cuts: list[int]) -> list[bytes]:
    found = []
    while wire:
        for cut in cuts:
            found.append(wire[:cut])
            wire = wire[cut:]
    return [piece for piece in found if piece]


async def test_a_connection_that_ends_first_is_no_mail() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"half a mail\r\n.\r")
    reader.feed_eof()
    with pytest.raises(asyncio.IncompleteReadError):
        await read_data(reader, lambda _: None)


@pytest.mark.parametrize(("size", "too_big"), [(100, False), (101, True), (5000, True)])
def test_the_size_limit_counts_what_the_mail_is_without_stuffing(size: int, too_big: bool) -> None:
    memory = Memory(10_000)
    parcel = Parcel(100, memory)
    parcel.take(b"..")
    parcel.take(b"\r\n..\r\n" + b"x" * (size - 6))
    parcel.content()
    assert parcel.too_big is too_big
    parcel.drop()
    assert memory.held == 0


def test_a_mail_past_the_memory_of_all_lets_go_of_its_own() -> None:
    memory = Memory(100)
    first, second = Parcel(1000, memory), Parcel(1000, memory)
    first.take(b"x" * 60)
    second.take(b"x" * 60)
    assert (first.no_room, second.no_room) == (False, True)
    second.take(b"x" * 10)
    assert memory.held == 60
    first.drop()
    second.drop()
    assert memory.held == 0
