"""The domain: what a support desk does, as verbs. All writing of tickets happens here.

    open_ticket      somebody asks for help over REST
    write_to         staff write to a customer first
    file_mail        a mail becomes a ticket, a message, or a reason why it is neither
    add_message      the owner or staff say something; staff's words go out by mail
    add_note         staff say something among themselves
    take_back        a message was never said, as long as its mail waits
    change_ticket    status, assignee, title, priority, tags; a new status goes out by mail
    register, confirm, add_user, change_user, add_mailbox, change_mailbox, log_in, refresh, log_out
    change_oneself, change_password, forget_password, reset_password

A verb takes a `Work` (one transaction, `House.work()`) or the `House` itself, writes, and leaves an event; the commit
nudges the mailer. Not here: HTTP, SMTP, Celery (the edges translate), the text of a mail (`mailer/`), and how a mail is
read (`letters/`).
"""

from desk.answers import add_message, add_note
from desk.changes import change_ticket
from desk.confirmation import confirm
from desk.filing import MOST_ATTACHMENTS, Filed, Kept, file_mail
from desk.first_start import FirstStart, first_start
from desk.mailboxes import add_mailbox, change_mailbox
from desk.new_password import change_password, forget_password, reset_password
from desk.opening import open_ticket, write_to
from desk.people import add_user, change_oneself, change_user, register
from desk.senders import SenderProof
from desk.sessions import log_in, log_out, refresh
from desk.undo import send_now, take_back
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
    "change_oneself",
    "change_password",
    "change_ticket",
    "change_user",
    "confirm",
    "file_mail",
    "first_start",
    "forget_password",
    "log_in",
    "log_out",
    "open_ticket",
    "refresh",
    "register",
    "reset_password",
    "send_now",
    "take_back",
    "write_to",
]
