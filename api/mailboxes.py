"""The addresses that open tickets, for admins."""

from fastapi import APIRouter

from api.caller import AtHouse, Caller
from api.problems import problems
from api.schemas import MailboxChange, MailboxRecord, NewMailbox
from api.schemas_mail import DnsAdvice
from desk import add_mailbox, change_mailbox, mailboxes
from mailer.advice import Advice, advise
from models import Mailbox

router = APIRouter(tags=["mailboxes"])


@router.get("/mailboxes", response_model=list[MailboxRecord], responses=problems(401, 403))
async def list_mailboxes(by: Caller) -> list[Mailbox]:
    """Every mailbox. Admins only."""
    return await mailboxes.every_mailbox(by)


@router.post("/mailboxes", status_code=201, response_model=MailboxRecord, responses=problems(401, 403, 409, 422))
async def make_mailbox(by: Caller, body: NewMailbox) -> Mailbox:
    """A further address that opens tickets, from now on. Admins only."""
    return await add_mailbox(by, address=body.address, name=body.name)


@router.patch("/mailboxes/{mailbox_id:int}", response_model=MailboxRecord, responses=problems(401, 403, 404, 409, 422))
async def patch_mailbox(by: Caller, mailbox_id: int, body: MailboxChange) -> Mailbox:
    """Its name, and whether it takes mail. Admins only."""
    return await change_mailbox(by, mailbox_id, body.model_dump(exclude_unset=True))


@router.get("/mailboxes/{mailbox_id:int}/dns", response_model=list[DnsAdvice], responses=problems(401, 403, 404, 422))
async def advise_mailbox(at: AtHouse, by: Caller, mailbox_id: int) -> list[Advice]:
    """What DNS has for the mailbox's domain, whether it is right, and what to publish. Admins only."""
    mailbox = await mailboxes.one_mailbox(by, mailbox_id)
    return await advise(at.settings, mailbox.address.rpartition("@")[2])
