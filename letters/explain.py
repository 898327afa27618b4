"""A letter as JSON: CONTRACT.md section 6."""

import hashlib
from dataclasses import asdict
from typing import Any

from letters.letter import Address, Attachment, Bounce, Complaint, Letter


def as_json(letter: Letter) -> dict[str, Any]:
    """What a mail says, in values that JSON knows. Times are RFC 3339 in UTC."""
    return {
        "subject": letter.subject,
        "from": _address(letter.from_),
        "sender": _address(letter.sender),
        "reply_to": [_address(address) for address in letter.reply_to],
        "to": [_address(address) for address in letter.to],
        "cc": [_address(address) for address in letter.cc],
        "message_id": letter.message_id,
        "in_reply_to": list(letter.in_reply_to),
        "references": list(letter.references),
        "date": letter.date.isoformat().replace("+00:00", "Z") if letter.date else None,
        "text": letter.text,
        "new_text": letter.new_text,
        "segments": [asdict(segment) for segment in letter.segments],
        "html": letter.html,
        "attachments": [_attachment(attachment) for attachment in letter.attachments],
        "kind": letter.kind,
        "reasons": list(letter.reasons),
        "bounce": _bounce(letter.bounce),
        "complaint": _complaint(letter.complaint),
        "forwarded_from": _address(letter.forwarded.sender) if letter.forwarded else None,
        "defects": list(letter.defects),
    }


def _address(address: Address | None) -> dict[str, str] | None:
    return {"name": address.name, "email": address.email} if address else None


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": len(attachment.content),
        "sha256": hashlib.sha256(attachment.content).hexdigest(),
        "inline": attachment.inline,
        "content_id": attachment.content_id,
    }


def _bounce(bounce: Bounce | None) -> dict[str, Any] | None:
    if bounce is None:
        return None
    return {
        "recipients": [asdict(recipient) for recipient in bounce.recipients],
        "original_message_id": bounce.original_message_id,
    }


def _complaint(complaint: Complaint | None) -> dict[str, Any] | None:
    if complaint is None:
        return None
    return {
        "feedback_type": complaint.feedback_type,
        "recipients": list(complaint.recipients),
        "original_message_id": complaint.original_message_id,
    }
