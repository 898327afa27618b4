"""What the listener answers: the texts of our own, and the enhanced status codes for those of aiosmtpd."""

import re
from functools import lru_cache

KEPT = "250 2.0.0 Kept"
RECIPIENT_OK = "250 2.1.5 Recipient ok"
UNKNOWN_RECIPIENT = "550 5.1.1 No such mailbox here"
MALFORMED_ADDRESS = "553 5.1.3 Malformed address"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
NO_RECIPIENTS = "503 5.5.1 No valid recipients"
TOO_BIG = "552 5.3.4 Message too big"
NO_ROOM = "451 4.3.1 Too much mail at once, please try again"
TROUBLE = "451 4.3.0 Temporary trouble, please try again"
IDLE_TOO_LONG = "421 4.4.2 Idle for too long, goodbye"
TOO_MANY_CONNECTIONS = "421 4.7.0 Too many connections, please try again"
CLOSING = "421 4.3.2 Closing, please try again"

# One enhanced status for each code that aiosmtpd answers without (RFC 3463; RFC 2034 wants one in every reply).
STATUS = {
    "221": "2.0.0",
    "250": "2.0.0",
    "252": "2.0.0",
    "454": "4.7.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "530": "5.7.0",
    "552": "5.3.4",
    "553": "5.1.3",
    "554": "5.7.0",
    "555": "5.5.4",
}
HAS_STATUS = re.compile(r"\d{3} [245]\.\d{1,3}\.\d{1,3} ")
READY_FOR_TLS = "220 Ready to start TLS"  # aiosmtpd's; the other 220 is the greeting, which carries no status


@lru_cache(maxsize=512)
def with_status(reply: str) -> bytes:
    """A reply of one line as it goes over the wire, without its CRLF."""
    status = "2.0.0" if reply == READY_FOR_TLS else STATUS.get(reply[:3])
    if status and not HAS_STATUS.match(reply):
        reply = f"{reply[:3]} {status} {reply[4:]}"
    return reply.encode("utf-8", "replace")
