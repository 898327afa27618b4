"""Addresses that open without signing in: a browser sends no token with the pictures, files and frames of a page.

An address stays the same for a while, so that a page that is shown again asks for nothing again.
"""

from datetime import UTC, datetime, timedelta

from desk import signed
from desk.work import House

FILE, PAGE = "attachment", "html"
LASTS = timedelta(hours=1)
STAYS = timedelta(minutes=15)


def address_of(house: House, attachment_id: int) -> str:
    """The path of an attachment for whoever was shown the message that it belongs to; it holds for an hour at least."""
    return f"/api/attachments/{attachment_id}?key={_key(house, FILE, attachment_id)}"


def page_of(house: House, message_id: int) -> str:
    """The path of a message's HTML as a page, for whoever was shown the message; it holds for an hour at least."""
    return f"/api/messages/{message_id}/html?key={_key(house, PAGE, message_id)}"


def opens(house: House, key: str, attachment_id: int) -> bool:
    """Whether `address_of` made the key for this attachment, and it still holds."""
    return _shown(house, FILE, key) == attachment_id


def opens_page(house: House, key: str, message_id: int) -> bool:
    """Whether `page_of` made the key for this message, and it still holds."""
    return _shown(house, PAGE, key) == message_id


def _key(house: House, purpose: str, subject: int) -> str:
    stays = STAYS.total_seconds()
    since = datetime.fromtimestamp(datetime.now(UTC).timestamp() // stays * stays, UTC)
    return signed.sign(house, purpose, subject, LASTS + STAYS, since=since)


def _shown(house: House, purpose: str, key: str) -> int | None:
    found = signed.read(house, purpose, key)
    return found[0] if found else None
