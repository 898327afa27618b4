"""DESIGN.md section 2 from end to end with real processes: one mail, there and back, with roles killed on the way."""

import re

from tests.cast import SUPPORT, mail
from tests.running import RunningDesk, until
from tests.sink import Sink


def one_mail_there_and_back(desk: RunningDesk, relay: Sink) -> None:
    """Tells it to a desk that has no ticket yet and sends its mail to `relay`."""
    # Mail in: a ticket, and an acknowledgement that threads.
    desk.send(mail(subject="Rechnung № 7", Message_ID="<first@client.example>"))
    entry = desk.entry("first@client.example")
    ticket = desk.call("GET", f"/api/tickets/{entry['ticket']}")
    assert (ticket["title"], ticket["status"], ticket["messages"]) == ("Rechnung № 7", "AC", [])
    acknowledgement = relay.wait("zoe@people.example")
    assert acknowledgement["In-Reply-To"] == "<first@client.example>"

    # Staff answer while the worker is dead: the mail leaves as soon as there is one again.
    with desk.without("worker"):
        said = desk.call("POST", f"/api/tickets/{ticket['id']}/new_message", {"text": "Wir prüfen es."})
    answer = relay.wait("zoe@people.example", 2)
    assert f"[#{ticket['id']}]" in str(answer["Subject"])
    assert "<first@client.example>" in str(answer["References"])
    until(lambda: states(desk, said["id"]) == ["sent"], "the delivery marked as sent")

    # The customer answers while the intake is dead: 250 all the same, and it lands on the ticket.
    address = re.findall(r"[^<>\s]+@[^<>\s]+", str(answer["Reply-To"]))[0]
    assert address != SUPPORT
    reply = mail(
        to=address,
        subject=f"Re: {answer['Subject']}",
        text="Danke!\n\nOn Mon, Ann wrote:\n> Wir prüfen es.\n",
        Message_ID="<second@client.example>",
        In_Reply_To=str(answer["Message-ID"]),
    )
    with desk.without("intake"):
        desk.send(reply, to=address)
    landed = desk.entry("second@client.example")
    assert (landed["ticket"], landed["state"]) == (ticket["id"], "processed")
    message = desk.call("GET", f"/api/messages/{landed['message']}")
    assert message["text"].strip() == "Danke!"
    assert "Wir prüfen es." in message["quoted"]

    # A new status is told; the reply to it makes the ticket active again.
    desk.call("PATCH", f"/api/tickets/{ticket['id']}", {"status": "CL"})
    assert "closed" in relay.wait("zoe@people.example", 3).get_body(("plain",)).get_content()
    desk.send(mail(In_Reply_To="<second@client.example>", Message_ID="<third@client.example>"))
    assert desk.entry("third@client.example")["ticket"] == ticket["id"]
    assert desk.call("GET", f"/api/tickets/{ticket['id']}")["status"] == "AC"
    assert len(desk.call("GET", "/api/tickets")) == 1


def states(desk: RunningDesk, message: int) -> list[str]:
    return [delivery["state"] for delivery in desk.call("GET", f"/api/messages/{message}")["deliveries"]]
