"""What a mail is about, whatever machines piled up in front of it."""

import pytest

from letters import topic


@pytest.mark.parametrize(
    "subject",
    [
        "Lamp 12 broken",
        "Re: Lamp 12 broken",
        "Automatic reply: Lamp 12 broken",
        "Re: Automatic reply: Re: Automatic reply: Lamp 12 broken [#42]",
        "AW: Automatische Antwort: LAMP  7 broken",
        "Out of Office Re: Autosvar - lamp 12 broken",
        "Réponse automatique : RE: Lamp 99 broken",
    ],
)
def test_stacked_prefixes_case_and_numbers_do_not_count(subject: str) -> None:
    assert topic(subject) == "lamp # broken"


@pytest.mark.parametrize("subject", ["", "Re:", "Automatic reply", "Re: Automatic reply: [#42]"])
def test_a_subject_that_is_all_prefix_has_no_topic(subject: str) -> None:
    assert topic(subject) == ""


def test_other_words_are_another_topic() -> None:
    assert topic("Lamp 12 broken") != topic("Lamp 12 repaired")


def test_a_long_subject_is_cut() -> None:
    assert len(topic("long " * 1000)) == 200
