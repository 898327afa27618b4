"""What is typed into the search, taken apart."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.queries import MOST_OPERATORS, Name, Query, Unclear, Word, parse

PIECES = st.sampled_from(
    ["from:", "-is:", "is:active", "TAG:x", '"', " ", "before:2026-11-23", "lampe", "#7", "🙂", "\0", "請求", "-", ":"]
)


def words(query: Query) -> list[str]:
    return [f'"{word.text}"' if word.phrase else word.text for word in query.words]


def operators(query: Query) -> list[str]:
    return [f"{'-' if found.negated else ''}{found.name}:{found.value}" for found in query.operators]


@pytest.mark.parametrize(
    ("typed", "said", "asked"),
    [
        ("broken lamp", ["broken", "lamp"], []),
        ('"broken lamp"', ['"broken lamp"'], []),
        ('"broken lamp', ['"broken lamp"'], []),
        ('"from:zoe is:closed"', ['"from:zoe is:closed"'], []),
        ("from:zoe lamp -is:closed", ["lamp"], ["from:zoe", "-is:closed"]),
        ('FROM:"Zoë Ünal" x', ["x"], ["from:Zoë Ünal"]),
        ("is:Active has:DRAFT priority:Urgent", [], ["is:active", "has:draft", "priority:urgent"]),
        ('tag:"  War  RANTY "', [], ["tag:war ranty"]),
        ("before:2026-11-23 -after:2026-11-01", [], ["before:2026-11-23", "-after:2026-11-01"]),
        ("Re: http://x.example topic:to", ["Re:", "http://x.example", "topic:to"], []),
        ("-word - #7", ["-word", "-", "#7"], []),
        ('""  "  "', [], []),
        ("", [], []),
    ],
)
def test_words_phrases_and_operators_are_told_apart(typed: str, said: list[str], asked: list[str]) -> None:
    query = parse(typed)
    assert (words(query), operators(query)) == (said, asked)


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("is:held", (0, 7)), ("lamp is:open", (5, 12)), ("🙂 -has:wings", (3, 13)), ("before:tomorrow", (0, 15)),
        ("after:2026-02-30", (0, 16)), ("before:0001-01-01", (0, 17)), ("priority:", (0, 9)), ("x from:", (2, 7)),
        ('from:"" x', (0, 7)), (f"tag:{'x' * 51}", (0, 55)), ("before:２０２６-11-23", (0, 17)),
    ],
)  # fmt: skip
def test_an_operator_that_means_nothing_is_refused_with_its_place(typed: str, at: tuple[int, int]) -> None:
    with pytest.raises(Unclear) as refused:
        parse(typed)
    assert (refused.value.field, refused.value.at) == ("q", at)
    assert refused.value.message


def test_too_many_operators_are_refused_at_the_first_of_them() -> None:
    with pytest.raises(Unclear) as refused:
        parse("is:active " * (MOST_OPERATORS + 1))
    assert refused.value.at == (10 * MOST_OPERATORS, 10 * MOST_OPERATORS + 9)


@pytest.mark.parametrize(
    ("typed", "number", "message_id"),
    [
        ("#12", 12, None), ("12", 12, None), (" #12 is:active ", 12, None), ("#12 x", None, None),
        ("#１２", None, None),
        ('"12"', None, None), ("<a@b.example>", None, "a@b.example"), ("a@b.example", None, None),
        ("#" + "9" * 19, None, None),
    ],
)  # fmt: skip
def test_a_number_or_a_message_id_alone_names_one_thing(typed: str, number: int | None, message_id: str | None) -> None:
    query = parse(typed)
    assert (query.number, query.message_id) == (number, message_id)


def test_each_operator_knows_whether_it_is_for_staff() -> None:
    query = parse(
        "from:a to:b subject:c is:active mailbox:d before:2026-01-01 after:2026-01-01 has:draft has:attachment"
    )
    assert not any(found.for_staff for found in query.operators)
    assert all(found.for_staff for found in parse("tag:a assignee:me priority:low has:note -has:bounce").operators)
    assert {found.name for found in parse("tag:a assignee:me priority:low").operators} < set(Name)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
@example('-from:"a"b"c')
def test_whatever_is_typed_is_read_or_refused_at_a_place_in_it(typed: str) -> None:
    try:
        query = parse(typed)
    except Unclear as refusal:
        start, end = refusal.at
        assert 0 <= start < end <= len(typed.encode("utf-16-le", "surrogatepass")) // 2
    else:
        assert all(word.text.strip() and word.text in typed.replace("\0", " ") for word in query.words)
        assert all(found.value for found in query.operators)


@given(st.lists(st.text("abcäß請🙂#.@", min_size=1), max_size=15))
def test_words_without_colons_and_quotes_stay_what_they_are(said: list[str]) -> None:
    assert parse("  ".join(said)).words == tuple(Word(word) for word in said)
