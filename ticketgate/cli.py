"""The command line. Each command imports what it needs when it is called: `--help` answers at once."""

import sys
import tempfile
import traceback
from typing import Annotated, Literal

import typer

app = typer.Typer(
    name="ticketgate",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
user = typer.Typer(help="People who may log in.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(user, name="user")


def main() -> None:
    """Runs the command. What is wrong is one line on stderr: exit 2 if a person must act, 1 if a part is away."""
    try:
        app(prog_name="ticketgate")
    except Exception as error:  # noqa: BLE001 - the last place that can say it in one line
        code, line = _say(error)
        print(f"ticketgate: {line}", file=sys.stderr)
        sys.exit(code)


@app.callback(invoke_without_command=True)
def ticketgate(context: typer.Context) -> None:
    """Ticketgate, the email-first support desk.

    `ticketgate up` runs everything on this machine; the other commands run one part each. Settings are environment
    variables TICKETGATE_…, or the same names in a file .env.
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def up() -> None:
    """Everything on this machine: servers, mail in, mail out, API.

    Starts an embedded PostgreSQL and Valkey where no URL is set, and keeps all parts running until Ctrl-C.

    \b
    Example:
      TICKETGATE_SUPPORT_ADDRESS=help@example.org ticketgate up
    """
    from ticketgate.signals import end_at_once  # noqa: PLC0415 - see above

    end_at_once()
    import asyncio  # noqa: PLC0415

    from settings import load  # noqa: PLC0415
    from ticketgate.up import up as run  # noqa: PLC0415

    asyncio.run(run(load()))


@app.command()
def smtp() -> None:
    """The listener: takes mail by SMTP and LMTP into the journal.

    \b
    Example:
      TICKETGATE_SMTP_LISTEN=0.0.0.0:25 ticketgate smtp
    """
    from ticketgate import roles  # noqa: PLC0415 - see above

    sys.exit(roles.smtp())


@app.command()
def intake() -> None:
    """Makes tickets and messages of the mail in the journal.

    \b
    Example:
      TICKETGATE_DATABASE_URL=postgres://desk@db.example.org/desk ticketgate intake
    """
    from ticketgate import roles  # noqa: PLC0415 - see above

    sys.exit(roles.intake())


@app.command()
def api() -> None:
    """REST under /api, and its pages.

    \b
    Example:
      TICKETGATE_HTTP_LISTEN=0.0.0.0:8000 ticketgate api
    """
    from ticketgate import roles  # noqa: PLC0415 - see above

    sys.exit(roles.api())


@app.command()
def worker() -> None:
    """Sends what waits in the outbox (Celery).

    \b
    Example:
      TICKETGATE_RELAY_URL=smtp://relay.example.org:25 ticketgate worker
    """
    from ticketgate import roles  # noqa: PLC0415 - see above

    sys.exit(roles.worker())


@app.command()
def scheduler() -> None:
    """Wakes the workers at their times (Celery).

    \b
    Example:
      TICKETGATE_BROKER_URL=redis://queue.example.org/0 ticketgate scheduler
    """
    from ticketgate import roles  # noqa: PLC0415 - see above

    sys.exit(roles.scheduler())


@app.command()
def migrate() -> None:
    """Brings the database's schema up to date; makes the first mailbox and admin.

    Safe to run from several places at once.

    \b
    Example:
      TICKETGATE_DATABASE_URL=postgres://desk@db.example.org/desk ticketgate migrate
    """
    import asyncio  # noqa: PLC0415 - see above

    from settings import load  # noqa: PLC0415
    from ticketgate.accounts import first_steps  # noqa: PLC0415

    first = asyncio.run(first_steps(load()))
    print("The schema is up to date.")
    if first.admin_password:
        print(
            f"admin {first.admin_username}, password {first.admin_password} (made just now, and shown only this once)"
        )


@user.command("add")
def user_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What they log in with.")],
    email: Annotated[str, typer.Option(help="Their address; it counts as proven.")],
    role: Annotated[Literal["customer", "agent", "admin"], typer.Option(help="What they may do.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password, one line, from standard input.")
    ] = False,
) -> None:
    """Adds a user. Without --password-stdin a password is made, and printed once.

    \b
    Example:
      ticketgate user add jane --email jane@example.org --role agent
    """
    import asyncio  # noqa: PLC0415 - see above

    from settings import load  # noqa: PLC0415
    from ticketgate.accounts import add_user  # noqa: PLC0415

    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    made = asyncio.run(add_user(load(), name, email, role, given))
    print(f"{name} <{email}> may log in as {role}.")
    if made:
        print(f"Their password, shown only this once: {made}")


def _say(error: Exception) -> tuple[int, str]:
    """The exit code and the line for a person."""
    from settings import Away, BadSetting  # noqa: PLC0415 - see above
    from ticketgate.supervisor import PartFailed  # noqa: PLC0415

    line = " ".join(str(error).split())
    match error:
        case BadSetting():
            return 2, line
        case Away():
            return 1, line
        case PartFailed():
            return error.code, line
        case _:
            return 1, f"this should not have happened: {type(error).__name__}: {line}; more is in {_keep(error)}"


def _keep(error: Exception) -> str:
    with tempfile.NamedTemporaryFile("w", prefix="ticketgate-error-", suffix=".log", delete=False) as log:
        traceback.print_exception(error, file=log)
    return log.name
