"""What a bounce or a complaint is about, in whatever form it comes.

Here belongs: delivery reports (RFC 3464), the words that mail systems use instead of them, feedback reports (RFC 5965),
and notices in JSON. Whether a mail is a bounce at all is decided in `letters.kinds`.
"""

from letters.bounces.complaints import read_complaint
from letters.bounces.failures import read_bounce

__all__ = ["read_bounce", "read_complaint"]
