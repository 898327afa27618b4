"""Every case of CONTRACT.md's order of threading is a line here."""

from dataclasses import replace

import pytest

from desk.threads import ENVELOPE, Clues, Known, Rule, Signed, decide

ZOE = 70
TO_ZOE = Signed(1, ZOE, ENVELOPE)
EVERYTHING = Clues(signed=(TO_ZOE,), in_reply_to=("two@x",), references=("three@x", "two@x"), subject_tag=4)
KNOWN = Known(
    tickets=frozenset({1, 2, 3, 4, 5, 6}),
    by_message_id={"two@x": (2,), "three@x": (3,)},
    signed_ids=frozenset({"three@x"}),
    sender=ZOE,
    taken_part_in=frozenset({4, 6}),
    named_by_replies=(5,),
    naming_the_same=(6,),
)


@pytest.mark.parametrize(
    ("clues", "known", "ticket", "rule"),
    [
        (EVERYTHING, KNOWN, 1, Rule.REPLY_ADDRESS),
        (Clues(signed=(Signed(1, 8, ENVELOPE, return_path=True),)), KNOWN, 1, Rule.REPLY_ADDRESS),
        (Clues(in_reply_to=("two@x",), references=("three@x",), subject_tag=4), KNOWN, 2, Rule.IN_REPLY_TO),
        (Clues(references=("three@x", "two@x"), subject_tag=4), KNOWN, 3, Rule.REFERENCES),
        (Clues(references=("unknown@x", "two@x")), KNOWN, 2, Rule.REFERENCES),
        (Clues(in_reply_to=("unknown@x",), references=("two@x",)), KNOWN, 2, Rule.REFERENCES),
        (Clues(in_reply_to=("unknown@x", "two@x")), KNOWN, 2, Rule.IN_REPLY_TO),
        (Clues(subject_tag=4), KNOWN, 4, Rule.SUBJECT_TAG),
        (Clues(), KNOWN, 5, Rule.NAMED_BY_A_REPLY),
        (Clues(), Known(tickets=frozenset({6}), taken_part_in=frozenset({6}), naming_the_same=(6,)), 6,
         Rule.NAMES_THE_SAME),
        (Clues(), Known(), None, None),
    ],
)  # fmt: skip
def test_the_first_match_wins(clues: Clues, known: Known, ticket: int | None, rule: Rule | None) -> None:
    verdict = decide(clues, known)
    assert (verdict.ticket, verdict.rule) == (ticket, rule)


@pytest.mark.parametrize(
    ("clues", "known", "for_note"),
    [
        (Clues(signed=(TO_ZOE,)), KNOWN, False),
        (Clues(signed=(Signed(1, ZOE, ENVELOPE, note=True),)), KNOWN, True),
        (Clues(signed=(TO_ZOE, Signed(1, ZOE, "Cc", note=True))), KNOWN, True),
        (Clues(signed=(TO_ZOE,), in_reply_to=("two@x",)), replace(KNOWN, answers_note=True), True),
        (Clues(signed=(Signed(9, ZOE, ENVELOPE, note=True),)), Known(), True),
    ],
    ids=["no", "its address", "its address beside another", "a mail that told of it", "its ticket is gone"],
)
def test_an_answer_to_a_note_is_known_by_any_of_its_clues(clues: Clues, known: Known, for_note: bool) -> None:
    assert decide(clues, known).for_note is for_note


def test_a_subject_tag_counts_only_where_the_sender_takes_part() -> None:
    verdict = decide(Clues(subject_tag=4), Known(tickets=frozenset({4})))
    assert verdict.ticket is None
    assert [(found.evidence, found.reason) for found in verdict.refused] == [
        ("[#4]", "the sender takes no part in that ticket")
    ]


@pytest.mark.parametrize(
    "clues",
    [
        Clues(signed=(Signed(9, ZOE, ENVELOPE),)),
        Clues(in_reply_to=("gone@x",)),
        Clues(references=("gone@x",)),
        Clues(subject_tag=9),
    ],
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
        (Rule.NAMES_THE_SAME, 6),
    ]
    assert verdict.as_json()["rule"] == "reply address"


def test_a_candidate_tells_whether_we_signed_it_and_whether_the_sender_takes_part() -> None:
    told = {(found.ticket, found.signed, found.takes_part) for found in decide(EVERYTHING, KNOWN).candidates}
    assert told == {
        (1, True, False), (2, False, False), (3, True, False), (4, False, True), (5, False, False), (6, False, True),
    }  # fmt: skip


def test_one_id_on_two_tickets_belongs_to_the_newer_message() -> None:
    known = Known(tickets=frozenset({1, 2}), by_message_id={"twice@x": (2, 1)})
    assert decide(Clues(in_reply_to=("twice@x",)), known).ticket == 2


def test_the_nearest_parent_wins_and_the_doubt_is_noted() -> None:
    verdict = decide(Clues(references=("three@x", "two@x")), KNOWN)
    assert verdict.ticket == 3
    assert verdict.doubt is not None
    assert "#2" in verdict.doubt
    assert "#5" in verdict.doubt


def test_where_everything_points_at_one_ticket_there_is_no_doubt() -> None:
    clues = Clues(signed=(Signed(2, ZOE, ENVELOPE),), in_reply_to=("two@x",), references=("two@x",))
    assert decide(clues, Known(tickets=frozenset({2}), by_message_id={"two@x": (2,)})).doubt is None


def test_the_person_of_the_winning_reply_address_is_told() -> None:
    assert decide(EVERYTHING, KNOWN).made_for == ZOE
    assert decide(Clues(in_reply_to=("two@x",)), KNOWN).made_for is None
    assert decide(Clues(signed=(Signed(1, ZOE, ENVELOPE, return_path=True),)), KNOWN).made_for is None
    assert decide(Clues(), Known()).made_for is None


def test_a_revoked_reply_address_threads_nothing_and_is_noted() -> None:
    known = Known(tickets=frozenset({1, 2}), revoked=frozenset({(1, ZOE)}), by_message_id={"two@x": (2,)})
    verdict = decide(Clues(signed=(TO_ZOE,), in_reply_to=("two@x",)), known)
    assert (verdict.ticket, verdict.rule) == (2, Rule.IN_REPLY_TO)
    assert [found.evidence for found in verdict.refused] == [f"reply address of person {ZOE} on #1, in the envelope"]


def test_a_forged_id_is_noted_unless_it_is_known_as_a_message_all_the_same() -> None:
    clues = Clues(in_reply_to=("forged@x", "two@x"), forged=("forged@x", "two@x"))
    verdict = decide(clues, KNOWN)
    assert [found.evidence for found in verdict.refused] == ["forged@x"]
    assert verdict.ticket == 2


def test_a_reply_to_the_same_unknown_mail_counts_only_where_the_sender_takes_part() -> None:
    assert decide(Clues(), Known(tickets=frozenset({6}), naming_the_same=(6,))).ticket is None
