"""A new question in an old thread, told by subject and quotation."""

import pytest

from desk.topics import differ, is_new_topic
from letters import parse
from tests.cast import mail


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Invoice 7 is missing", "I cannot log in any more"),
        ("Re: Invoice 7 is missing [#4]", "Password forgotten"),
        ("Rechnung fehlt", "Kündigung"),
        ("发票没有收到", "密码忘记了怎么办"),
    ],
)
def test_subjects_about_different_things_differ(one: str, other: str) -> None:
    assert differ(one, other)
    assert differ(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Invoice 7 is missing", "AW: Re: INVOICE 7 is missing [#4]"),
        ("Invoice 7 is missing", "missing invoice"),
        ("Invoice 7 is missing", "Invoice 7 is misssing"),
        ("Invoice 7 is missing", "Invoice 7 is missing (solved!)"),
        ("Invoice 7 is missing", ""),
        ("Re: [#4]", "Invoice 7 is missing"),
    ],
)
def test_a_subject_that_was_only_touched_does_not_differ(one: str, other: str) -> None:
    assert not differ(one, other)
    assert not differ(other, one)


def test_a_new_subject_without_a_quotation_is_a_new_topic() -> None:
    letter = parse(mail(subject="Password forgotten", text="How do I get a new one?"))
    assert is_new_topic(letter, ["Invoice 7 is missing"])
    assert not is_new_topic(letter, ["Invoice 7 is missing", "Password forgotten"])


def test_who_quotes_goes_on_with_the_topic_whatever_the_subject() -> None:
    letter = parse(mail(subject="Password forgotten", text="And now?\n\nOn Mon, Ann wrote:\n> The invoice is out\n"))
    assert not is_new_topic(letter, ["Invoice 7 is missing"])


def test_a_machine_has_no_topics() -> None:
    letter = parse(mail(subject="Out of office", text="I am away", Auto_Submitted="auto-replied"))
    assert not is_new_topic(letter, ["Invoice 7 is missing"])
