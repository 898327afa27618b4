"""Bounces and complaints as JSON: what Amazon SES sends by SNS, bare or wrapped once more."""

import json
from typing import Any

from letters.letter import Headers

NOTICE_LIMIT = 512 * 1024  # characters
KINDS = frozenset({"bounce", "complaint", "delivery"})
WRAPPED = "!\n "  # how an old mail system folds a line that is too long for it


def read_notice(text: str) -> dict[str, Any]:
    """The notice in a text that begins with one; empty where there is none."""
    if not text.lstrip().startswith("{"):
        return {}
    outer = _object(text.lstrip()[:NOTICE_LIMIT].replace(WRAPPED, ""))
    inner = _object(outer["Message"]) if isinstance(outer.get("Message"), str) else {}
    return next((found for found in (inner, outer) if kind_of_notice(found) in KINDS), {})


def kind_of_notice(notice: dict[str, Any]) -> str:
    """`bounce`, `complaint`, `delivery`, …; empty where it is none."""
    kind = notice.get("notificationType") or notice.get("eventType")
    return kind.lower() if isinstance(kind, str) else ""


def said(holder: Any, name: str) -> str:
    """A text in an object of the notice, empty where something else stands there."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def listed(holder: Any, name: str) -> list[Any]:
    """A list in an object of the notice, empty where something else stands there."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def original_of(notice: dict[str, Any]) -> tuple[str | None, Headers]:
    """(Message-ID, header) of our mail. SES puts ids of its own in front; ours stands among the fields."""
    mail = notice.get("mail")
    pairs = ((said(field, "name"), said(field, "value")) for field in listed(mail, "headers"))
    headers = tuple((name.lower(), " ".join(value.split())) for name, value in pairs if name)
    common = mail.get("commonHeaders") if isinstance(mail, dict) else None
    ident = dict(headers).get("message-id") or said(common, "messageId") or said(mail, "messageId")
    return ident.strip("<> ") or None, headers


def _object(text: str) -> dict[str, Any]:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
