"""The domain: what a support desk does, as verbs. All writing of tickets happens here.

    open_ticket      somebody asks for help over REST
    file_mail        a mail becomes a ticket, a message, or a reason why it is neither
    add_message      the owner or staff say something; staff's words go out by mail
    add_note         staff say something among themselves
    change_ticket    status, assignee, title; a new status goes out by mail
    register, confirm, add_user, change_user, add_mailbox, change_mailbox, log_in, refresh, log_out

A verb takes a `Work` (one transaction, `House.work()`) or the `House` itself, writes, and leaves an event; the commit
nudges the mailer. Not here: HTTP, SMTP, Celery (the edges translate), the text of a mail (`mailer/`), and how a mail is
read (`letters/`).
"""

from desk.confirmation import confirm
from desk.conversations import add_message, add_note, change_ticket, open_ticket
from desk.filing import MOST_ATTACHMENTS, Filed, Kept, file_mail
from desk.first_start import FirstStart, first_start
from desk.mailboxes import add_mailbox, change_mailbox
from desk.people import add_user, change_user, register
from desk.senders import SenderProof
from desk.sessions import log_in, log_out, refresh
from desk.work import House, Work

__all__ = [
    "MOST_ATTACHMENTS",
    "Filed",
    "FirstStart",
    "House",
    "Kept",
    "SenderProof",
    "Work",
    "add_mailbox",
    "add_message",
    "add_note",
    "add_user",
    "change_mailbox",
    "change_ticket",
    "change_user",
    "confirm",
    "file_mail",
    "first_start",
    "log_in",
    "log_out",
    "open_ticket",
    "refresh",
    "register",
]
