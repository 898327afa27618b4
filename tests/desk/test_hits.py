"""Marks of a search, in the text as it is. How signs are folded PostgreSQL says: tests/api/test_search.py asks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.hits import WINDOW, Folding, one_line, round_the_first, strange_signs, whole
from desk.queries import parse

FOLDED = Folding(
    {"ä": "a", "Ä": "a", "ö": "o", "ü": "u", "Ü": "u", "ß": "ss", "\u0308": "", "請": "請", "求": "求", "書": "書"}
)


def marked(text: str, typed: str) -> list[str]:
    """The pieces that are marked."""
    return [text[start:end] for start, end in FOLDED.spans(text, FOLDED.needles(parse(typed).words))]


@pytest.mark.parametrize(
    ("text", "typed", "pieces"),
    [
        ("Die Lämpe, die Lampen", "lampe", ["Lämpe", "Lampe"]),
        ("Die La\u0308mpe", "lampe", ["La\u0308mpe"]),
        ("Die Lampe", "LÄMPE", ["Lampe"]),
        ("Straßenlampe Strassen", "strass", ["Straß", "Strass"]),
        ("Straße", "stras", ["Straß"]),
        ("Schirmlampe", "lampe", []),
        ("broken lamps, a broken old lamp", '"broken lamps"', ["broken lamps"]),
        ("broken lamps", '"broken lamp"', []),
        ("ask zoe@people.example!", "zoe@people.example", ["zoe@people.example"]),
        ("請求書が届きません。請求", "請求書", ["請求書"]),
        ("書求請", "請求", []),
        ("a-b a_b a b", "a-b", ["a-b", "a_b", "a b"]),
        ("lamp lamp", "lamp la", ["lamp", "lamp"]),
        ("x", "…", []),
        ("", "x", []),
    ],
)
def test_words_are_marked_as_the_index_finds_them(text: str, typed: str, pieces: list[str]) -> None:
    assert marked(text, typed) == pieces


def test_marks_are_counted_as_javascript_counts() -> None:
    text = "🙂🙂 Lämpe"
    passage = whole(text, FOLDED.spans(text, FOLDED.needles(parse("lampe").words)))
    start, end = passage.marks[0]
    units = text.encode("utf-16-le")
    assert units[2 * start : 2 * end].decode("utf-16-le") == "Lämpe"


@given(st.text("ab ä請🙂", max_size=900), st.text("ab ä請🙂", max_size=900))
def test_a_passage_is_short_and_its_marks_are_the_word(before: str, after: str) -> None:
    text = one_line(f"{before} needle {after}")
    needles = FOLDED.needles(parse("needle").words)
    passage = round_the_first(text, FOLDED.spans(text, needles))
    units = passage.text.encode("utf-16-le")
    assert {units[2 * start : 2 * end].decode("utf-16-le") for start, end in passage.marks} == {"needle"}
    assert len(passage.text) <= WINDOW + 2
    assert passage.text.strip("…") in text


def test_only_signs_beyond_ascii_have_to_be_asked_for() -> None:
    assert strange_signs(["lampe", "Lämpe", "請"]) == ["ä", "請"]
