"""Our mails beside the customer's, threaded as mail programs do it."""

from email import message_from_string
from email.message import Message as Mail

import pytest

from models import Message
from tests.cast import Cast
from tests.desk.jwz import threads
from tests.desk.stage import Stage


def mail(own: str, references: str = "", in_reply_to: str = "") -> Mail:
    return message_from_string(f"Message-ID: <{own}>\nReferences: {references}\nIn-Reply-To: {in_reply_to}\n\n")


@pytest.mark.parametrize(
    ("mails", "found"),
    [
        ([mail("a"), mail("b", "<a>"), mail("c", "<a> <b>")], [{"a", "b", "c"}]),
        ([mail("c", "<a> <b>"), mail("a"), mail("x")], [{"a", "b", "c"}, {"x"}]),
        ([mail("a"), mail("b", in_reply_to="<a> <z>")], [{"a", "b"}]),
        ([mail("a", "<b>"), mail("b", "<a>")], [{"a", "b"}]),
        ([mail("a", "<a>"), mail("b")], [{"a"}, {"b"}]),
    ],
)
def test_the_algorithm_itself(mails: list[Mail], found: list[set[str]]) -> None:
    assert sorted(map(sorted, threads(mails))) == sorted(map(sorted, found))


@pytest.mark.parametrize("dropped", [[], ["References"], ["In-Reply-To"], ["References", "In-Reply-To"]])
@pytest.mark.parametrize("opened_by", ["mail", "open"])
async def test_a_long_conversation_is_one_thread_whatever_the_customers_program_drops(
    cast: Cast, opened_by: str, dropped: list[str]
) -> None:
    stage = Stage(cast)
    await stage.play({opened_by: "carl", "cc": ["kim"]})
    for turn in range(4):
        await stage.play({"say": f"words of ours {turn}"})
        await stage.play({"reply": "carl", "without": dropped})
        await stage.play({"set": ["CL", "FR"][turn % 2]})
    await stage.compose()
    customers = [mail(said.rfc_message_id, *_named(said)) for said in await Message.filter(via="email")]
    assert len(threads([*stage.sent, *customers])) == 1
    assert len(threads(stage.sent)) == 1, "our mails alone, as whoever lost the others has them"


def _named(said: Message) -> tuple[str, str]:
    references = " ".join(f"<{ident}>" for ident in said.email["references"])
    return references, f"<{said.in_reply_to}>" if said.in_reply_to else ""
