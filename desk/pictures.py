"""Addresses of attachments that open without signing in: a browser sends no token with the pictures of a page."""

from datetime import timedelta

from desk import signed
from desk.work import House

PURPOSE = "attachment"
LASTS = timedelta(hours=1)


def address_of(house: House, attachment_id: int) -> str:
    """The path of an attachment for whoever was shown the message that it belongs to; it holds for an hour."""
    return f"/api/attachments/{attachment_id}/?key={signed.sign(house, PURPOSE, attachment_id, LASTS)}"


def opens(house: House, key: str, attachment_id: int) -> bool:
    """Whether `address_of` made the key for this attachment, within the hour."""
    shown = signed.read(house, PURPOSE, key)
    return shown is not None and shown[0] == attachment_id
