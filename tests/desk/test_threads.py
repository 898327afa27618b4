"""Every case of CONTRACT.md's order of threading is a line here."""

import pytest

from desk.threads import Clues, Known, Rule, decide

EVERYTHING = Clues(reply_tickets=(1,), in_reply_to=("two@x",), references=("three@x", "two@x"), subject_tag=4)
KNOWN = Known(
    tickets=frozenset({1, 2, 3, 4, 5}),
    by_message_id={"two@x": (2,), "three@x": (3,)},
    taken_part_in=frozenset({4}),
    named_by_replies=(5,),
)


@pytest.mark.parametrize(
    ("clues", "known", "ticket", "rule"),
    [
        (EVERYTHING, KNOWN, 1, Rule.REPLY_ADDRESS),
        (Clues(in_reply_to=("two@x",), references=("three@x",), subject_tag=4), KNOWN, 2, Rule.IN_REPLY_TO),
        (Clues(references=("three@x", "two@x"), subject_tag=4), KNOWN, 3, Rule.REFERENCES),
        (Clues(references=("unknown@x", "two@x")), KNOWN, 2, Rule.REFERENCES),
        (Clues(in_reply_to=("unknown@x",), references=("two@x",)), KNOWN, 2, Rule.REFERENCES),
        (Clues(in_reply_to=("unknown@x", "two@x")), KNOWN, 2, Rule.IN_REPLY_TO),
        (Clues(subject_tag=4), KNOWN, 4, Rule.SUBJECT_TAG),
        (Clues(), KNOWN, 5, Rule.NAMED_BY_A_REPLY),
        (Clues(), Known(), None, None),
    ],
)
def test_the_first_match_wins(clues: Clues, known: Known, ticket: int | None, rule: Rule | None) -> None:
    verdict = decide(clues, known)
    assert (verdict.ticket, verdict.rule) == (ticket, rule)


def test_a_subject_tag_counts_only_where_the_sender_takes_part() -> None:
    known = Known(tickets=frozenset({4}), taken_part_in=frozenset())
    assert decide(Clues(subject_tag=4), known).ticket is None


@pytest.mark.parametrize(
    "clues",
    [Clues(reply_tickets=(9,)), Clues(in_reply_to=("gone@x",)), Clues(references=("gone@x",)), Clues(subject_tag=9)],
)
def test_a_ticket_that_is_not_there_any_more_is_no_match(clues: Clues) -> None:
    known = Known(tickets=frozenset({1}), by_message_id={"gone@x": (9,)}, taken_part_in=frozenset({9}))
    assert decide(clues, known).ticket is None


def test_every_candidate_is_told_strongest_first() -> None:
    verdict = decide(EVERYTHING, KNOWN)
    assert [(found.rule, found.ticket) for found in verdict.candidates] == [
        (Rule.REPLY_ADDRESS, 1),
        (Rule.IN_REPLY_TO, 2),
        (Rule.REFERENCES, 3),
        (Rule.REFERENCES, 2),
        (Rule.SUBJECT_TAG, 4),
        (Rule.NAMED_BY_A_REPLY, 5),
    ]
    assert verdict.as_json()["rule"] == "reply address"


def test_one_id_on_two_tickets_belongs_to_the_newer_message() -> None:
    known = Known(tickets=frozenset({1, 2}), by_message_id={"twice@x": (2, 1)})
    assert decide(Clues(in_reply_to=("twice@x",)), known).ticket == 2
