"""`ticketgate demo`: a living desk for whoever looks at Ticketgate for the first time.

The conversations are those of a bicycle shop that does not exist. They are written down first, the same for the same
seed (`conversations`, `pieces`, out of `words/`), then performed: customers' mails go in by SMTP at the real listener,
what staff do goes through the desk's own verbs (`performance`). At the end all of it is moved into the past (`ages`),
as no desk gets a month's mail in a minute.

Everybody in it has an address under .example, which nobody can ever have (RFC 2606).
"""

from ticketgate.demo.run import Wanted, demo

__all__ = ["Wanted", "demo"]
