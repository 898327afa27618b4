"""The first admin and the first mailbox, made where there are none."""

from dataclasses import dataclass

from desk import passwords, people
from desk.work import House
from models import Mailbox, Role, User
from models.schema import MIGRATION_LOCK
from settings import Settings


@dataclass(frozen=True)
class FirstStart:
    """The admin's name; the password only where it was generated just now, to be shown once."""

    admin_username: str
    admin_password: str | None = None


async def first_start(settings: Settings) -> FirstStart:
    """Safe from several places at once: one makes them, the others find them."""
    async with House(settings).work() as work:
        await work.rows("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
        if not await Mailbox.exists():
            await Mailbox.create(address=settings.support_address)
        admin = await User.filter(role=Role.ADMIN).order_by("id").first()
        if admin:
            return FirstStart(admin.username or admin.email)
        given = settings.admin_password
        password = given.get_secret_value() if given else passwords.generate()
        admin = await people.make_first_admin(
            work, username=settings.admin_username, email=settings.first_admin_email, password=password
        )
    return FirstStart(settings.admin_username, None if given else password)
