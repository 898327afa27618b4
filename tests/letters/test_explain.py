"""A letter as JSON, as CONTRACT.md section 6 has it."""

import hashlib
import json

from letters import as_json, parse
from tests.cast import mail

FIELDS = {
    "subject", "from", "sender", "reply_to", "to", "cc", "message_id", "in_reply_to", "references", "date", "text",
    "new_text", "segments", "html", "attachments", "kind", "reasons", "bounce", "complaint",
    "forwarded_from", "defects",
}  # fmt: skip


def test_every_field_of_the_contract_is_there_whatever_the_bytes() -> None:
    for raw in (b"", b"\xff\x00", b"From: x\r\n\r\n", mail()):
        found = as_json(parse(raw))
        assert set(found) == FIELDS
        json.dumps(found)


def test_addresses_are_names_and_emails_and_lists_where_several() -> None:
    found = as_json(parse(mail(Cc="a@x.example, Bo <b@x.example>", Reply_To="c@x.example")))
    assert found["from"] == {"name": "Zoë Ünal", "email": "zoe@people.example"}
    assert found["to"] == [{"name": "", "email": "support@desk.example"}]
    assert found["cc"] == [{"name": "", "email": "a@x.example"}, {"name": "Bo", "email": "b@x.example"}]
    assert found["reply_to"] == [{"name": "", "email": "c@x.example"}]
    assert found["sender"] is None


def test_ids_are_bare_and_the_date_is_utc() -> None:
    found = as_json(parse(mail(Message_ID="<m@x>", In_Reply_To="<a@b>", References="<r@b> <a@b>")))
    assert (found["message_id"], found["in_reply_to"], found["references"]) == ("m@x", ["a@b"], ["r@b", "a@b"])
    assert found["date"] == "2026-11-23T08:38:00Z"


def test_segments_in_a_row_are_the_text() -> None:
    found = as_json(parse(mail(text="New words\n\nOn Monday, Jane wrote:\n> old\n\n-- \nZoë\n")))
    assert [segment["kind"] for segment in found["segments"]] == ["new", "quote", "signature"]
    assert "".join(segment["text"] for segment in found["segments"]) == found["text"]
    assert found["new_text"] == "New words"


def test_an_attachment_is_told_by_its_hash() -> None:
    (found,) = as_json(parse(mail(files=(("a.bin", b"\x00\x01"),))))["attachments"]
    assert found == {
        "filename": "a.bin",
        "content_type": "application/octet-stream",
        "size": 2,
        "sha256": hashlib.sha256(b"\x00\x01").hexdigest(),
        "inline": False,
        "content_id": None,
    }


def test_a_machine_says_why_it_is_one() -> None:
    found = as_json(parse(mail(Auto_Submitted="auto-replied")))
    assert (found["kind"], found["reasons"]) == ("auto_reply", ["Auto-Submitted: auto-replied"])
