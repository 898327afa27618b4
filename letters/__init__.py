"""Bytes <-> meaning of a mail.

Here belongs: reading a raw mail into a `Letter`, telling what its author newly wrote and whether a machine sent it,
and writing mails, reply addresses, Message-IDs and subjects of our own. All of it is pure: bytes and values in, values
and bytes out. Not here: the database, the network, settings, the clock, and any decision about tickets.
"""

from letters.addresses import (
    ReplyAddress,
    ascii_domain,
    is_address,
    is_no_reply,
    read_message_id,
    read_reply_address,
    read_return_path,
    resembles_ours,
    split_detail,
    write_message_id,
    write_reply_address,
    write_return_path,
)
from letters.compose import AutoSubmitted, Draft, compose, weight
from letters.display import ShownHtml, says_more_than_text, show_html
from letters.explain import as_json
from letters.identity import peek_message_id
from letters.leaves import safe_filename
from letters.letter import (
    Address,
    Attachment,
    Bounce,
    BounceKind,
    Complaint,
    FailedRecipient,
    Forwarded,
    Kind,
    Letter,
    Segment,
    SegmentKind,
)
from letters.markdown import markdown_to_html
from letters.previews import Preview, preview_of, show_file
from letters.quotes import divide_again
from letters.reading import parse
from letters.subjects import find_subject_tag, first_subject, reply_subject, strip_subject, subject_tag
from letters.topics import topic

__all__ = [
    "Address",
    "Attachment",
    "AutoSubmitted",
    "Bounce",
    "BounceKind",
    "Complaint",
    "Draft",
    "FailedRecipient",
    "Forwarded",
    "Kind",
    "Letter",
    "Preview",
    "ReplyAddress",
    "Segment",
    "SegmentKind",
    "ShownHtml",
    "as_json",
    "ascii_domain",
    "compose",
    "divide_again",
    "find_subject_tag",
    "first_subject",
    "is_address",
    "is_no_reply",
    "markdown_to_html",
    "parse",
    "peek_message_id",
    "preview_of",
    "read_message_id",
    "read_reply_address",
    "read_return_path",
    "reply_subject",
    "resembles_ours",
    "safe_filename",
    "says_more_than_text",
    "show_file",
    "show_html",
    "split_detail",
    "strip_subject",
    "subject_tag",
    "topic",
    "weight",
    "write_message_id",
    "write_reply_address",
    "write_return_path",
]
