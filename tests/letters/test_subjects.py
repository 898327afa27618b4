import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters import find_subject_tag, reply_subject, strip_subject, subject_tag


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: Lamp", "Lamp"),
        ("RE: Fwd: AW: Lamp", "Lamp"),
        ("Re[2]: Lamp", "Lamp"),
        ("Re : Lamp", "Lamp"),
        ("回复：Lamp", "Lamp"),
        ("[#42] Re: Lamp", "Lamp"),
        ("Re: Lamp [#42]", "Lamp"),
        ("Regarding: Lamp", "Regarding: Lamp"),
        ("[#x] Lamp", "[#x] Lamp"),
        ("Re:", ""),
        ("", ""),
    ],
)
def test_subject_is_stripped_to_what_a_conversation_shares(subject: str, base: str) -> None:
    assert strip_subject(subject) == base


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.integers(1, 10**12))
def test_reply_subject_names_its_ticket_and_never_doubles(subject: str, ticket: int) -> None:
    once = reply_subject(subject, ticket)
    assert find_subject_tag(once) == ticket
    assert once.count(subject_tag(ticket)) == 1
    assert reply_subject(once, ticket) == once
    assert reply_subject(f"AW: {once}", ticket) == once


def test_tag_of_another_desk_stays() -> None:
    assert reply_subject("Re: [#7] Lamp", 42) == "Re: [#7] Lamp [#42]"


def test_subject_without_tag_names_no_ticket() -> None:
    assert find_subject_tag("Re: Lamp #42") is None
