"""What the command line asks of the desk: the first steps of an instance, and users."""

from desk import FirstStart, House, first_start
from desk import add_user as add
from desk.errors import DeskError
from desk.passwords import generate
from models import Role
from models.schema import connected, migrate
from settings import BadSetting, Settings


async def first_steps(settings: Settings) -> FirstStart:
    """Brings the schema up to date and makes the first mailbox and admin. Raises Away."""
    await migrate(settings)
    async with connected(settings, pool=2):
        return await first_start(settings)


async def add_user(settings: Settings, name: str, email: str, role: str, password: str | None) -> str | None:
    """Adds a user whom the owner of this machine vouches for; answers the password where one had to be made.

    Raises:
        BadSetting: the desk does not take a field, or somebody has the name or address.
        Away: the database does not answer.
    """
    made = None if password is not None else generate()
    async with connected(settings, pool=1):
        try:
            await add(
                House(settings), None, username=name, email=email, password=password or made or "", role=Role(role)
            )
        except DeskError as error:
            raise BadSetting(str(error)) from None
    return made
