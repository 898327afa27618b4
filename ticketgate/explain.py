"""`ticketgate explain`: what raw mails would become. Stores nothing, asks no server, reads no setting."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from letters import Address, Letter, Segment, as_json, parse
from ticketgate.terminal import local_time, one_line, plain, size, take_any_letter

STDIN = "-"


def explain(files: list[str], *, json_lines: bool) -> bool:
    """Prints what each file would become; whether all of them could be read.

    Args:
        files: paths; `-` is standard input.
        json_lines: one JSON object a line and file instead of a page for people.
    """
    take_any_letter()
    all_read = True
    for file in files:
        try:
            raw = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            print(f"ticketgate: {one_line(file)} cannot be read: {why}", file=sys.stderr)
            all_read = False
            continue
        letter = parse(raw)
        # ASCII: some readers of lines take U+2028 for the end of one.
        print(json.dumps({"file": file} | as_json(letter)) if json_lines else _page(file, letter))
    return all_read


def _page(file: str, letter: Letter) -> str:
    """A letter for people, with an empty line behind it."""
    lines = [one_line(file), *_headers(letter), "", "  what the author newly wrote"]
    lines += _indented(letter.new_text)
    for segment in letter.segments:
        if segment.kind != "new" and segment.text.strip():
            lines += ["", f"  {_name(segment)} ({_sureness(segment)})", *_indented(segment.text)]
    lines += _reports(letter)
    if letter.attachments:
        lines += ["", "  attachments"]
    lines += [
        f"    {one_line(attachment.filename)} ({one_line(attachment.content_type)}, {size(len(attachment.content))}"
        f"{', inline' if attachment.inline else ''})"
        for attachment in letter.attachments
    ]
    if letter.defects:
        lines += ["", "  what is odd about it", *(f"    {one_line(defect)}" for defect in letter.defects)]
    return "\n".join([*lines, ""])


def _headers(letter: Letter) -> list[str]:
    kind = letter.kind + (f" ({'; '.join(letter.reasons)})" if letter.reasons else "")
    said = {
        "subject": letter.subject,
        "from": _addresses([letter.from_] if letter.from_ else []),
        "sender": _addresses([letter.sender] if letter.sender else []),
        "reply to": _addresses(letter.reply_to),
        "to": _addresses(letter.to),
        "cc": _addresses(letter.cc),
        "date": local_time(letter.date) if letter.date else "",
        "message id": letter.message_id,
        "in reply to": " ".join(letter.in_reply_to),
        "references": " ".join(letter.references),
        "kind": kind,
        "forwarded": _addresses([letter.forwarded.sender] if letter.forwarded and letter.forwarded.sender else []),
    }
    return [f"  {name:<12}  {one_line(value)}" for name, value in said.items() if value]


def _reports(letter: Letter) -> list[str]:
    """What a bounce or a complaint is about."""
    if letter.bounce:
        failed = [
            f"    {one_line(one.email)}: {one.kind} {one.status or ''} {one_line(one.diagnostic)}".rstrip()
            for one in letter.bounce.recipients
        ]
        about = letter.bounce.original_message_id
        return ["", f"  what came back{f' of {one_line(about)}' if about else ''}", *(failed or ["    (nobody named)"])]
    if letter.complaint:
        about = letter.complaint.original_message_id
        who = ", ".join(map(one_line, letter.complaint.recipients)) or "(nobody named)"
        return ["", f"  a complaint ({one_line(letter.complaint.feedback_type)})", f"    {who}: {about or 'no id'}"]
    return []


def _addresses(addresses: Iterable[Address]) -> str:
    return ", ".join(f"{address.name} <{address.email}>" if address.name else address.email for address in addresses)


def _name(segment: Segment) -> str:
    return {"quote": "quoted", "forward": "forwarded"}.get(segment.kind, segment.kind)


def _sureness(segment: Segment) -> str:
    return f"{segment.rule}, {segment.confidence:.0%}" if segment.rule else f"{segment.confidence:.0%}"


def _indented(text: str) -> list[str]:
    return (
        [f"    {line}".rstrip() for line in plain(text).strip("\n").split("\n")] if text.strip() else ["    (nothing)"]
    )
