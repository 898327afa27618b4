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
inbound = typer.Typer(help="The journal of received mail.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(inbound, name="inbound")


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
def smtp(
    processes: Annotated[int, typer.Option(min=1, max=64, help="So many processes take mail at the same sockets.")] = 1,
    inherited: Annotated[str, typer.Option(hidden=True, help="Sockets of the process that started this one.")] = "",
) -> None:
    """The listener: takes mail by SMTP and LMTP into the journal.

    With several processes, one binds the sockets, the others inherit them; one that dies is started again.

    \b
    Example:
      TICKETGATE_SMTP_LISTEN=0.0.0.0:25 ticketgate smtp --processes 4
    """
    from ticketgate import roles  # noqa: PLC0415 - see above

    sys.exit(roles.smtp(processes=processes, inherited=inherited))


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


@app.command()
def check() -> None:
    """Tries every part that the settings name: one line each, and how to mend what is wrong.

    Sends no mail and changes nothing. Exit 1 if anything is wrong.

    \b
    Example:
      TICKETGATE_RELAY_URL=smtp://relay.example.org:587 ticketgate check
    """
    import asyncio  # noqa: PLC0415 - see above

    from settings import load  # noqa: PLC0415
    from ticketgate.check import check as run  # noqa: PLC0415

    if not asyncio.run(run(load())):
        sys.exit(1)


@app.command()
def explain(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Raw mails; - is standard input.")],
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line and file.")] = False,
) -> None:
    """What a raw mail would become. Stores nothing; needs no server, no database and no setting.

    \b
    Example:
      ticketgate explain --json mail.eml
    """
    from ticketgate.explain import explain as run  # noqa: PLC0415 - see above

    if not run(files, json_lines=json_lines):
        sys.exit(2)


@app.command()
def demo(
    conversations: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 150,
    seed: Annotated[int, typer.Option(help="The same seed makes the same conversations.")] = 1,
    big: Annotated[bool, typer.Option("--big", help="One of them has 300 letters.")] = False,
    add: Annotated[bool, typer.Option("--add", help="Also where there are tickets already.")] = False,
) -> None:
    """Fills a fresh desk with conversations of a bicycle shop, to look at.

    Needs `ticketgate up` beside it, with the same settings. Customers' mails go in by SMTP, three agents are made and
    answer; their passwords are printed once. Everybody's address is under .example, where nobody is.

    All of it happens now. So that the desk looks lived in, the times of the demo's own tickets, letters and journal
    entries are moved back over four weeks at the end, and its mails are marked as proven or not, as if their domains
    existed and said so.

    \b
    Example:
      ticketgate demo --conversations 150
    """
    import asyncio  # noqa: PLC0415 - see above

    from settings import load  # noqa: PLC0415
    from ticketgate.demo import Wanted  # noqa: PLC0415
    from ticketgate.demo import demo as run  # noqa: PLC0415

    asyncio.run(run(load(), Wanted(conversations, seed, big, add)))


@inbound.command("list")
def inbound_list(
    state: Annotated[
        Literal["accepted", "processed", "ignored", "held", "quarantined"] | None,
        typer.Option(help="Only mail in this state."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="So many entries at most.")] = 50,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line and entry.")] = False,
) -> None:
    """The newest mails in the journal, and what became of them; newest first.

    \b
    Example:
      ticketgate inbound list --state quarantined
    """
    import asyncio  # noqa: PLC0415 - see above

    from settings import load  # noqa: PLC0415
    from ticketgate.inbound import show_list  # noqa: PLC0415

    asyncio.run(show_list(load(), state=state, limit=limit, json_lines=json_lines))


@inbound.command("show")
def inbound_show(
    entry_id: Annotated[int, typer.Argument(metavar="ID", help="Of an entry, as `list` shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON object.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Only the bytes, as they were received.")] = False,
) -> None:
    """All that the journal knows of a mail, or its bytes.

    \b
    Example:
      ticketgate inbound show 17 --raw | ticketgate explain -
    """
    import asyncio  # noqa: PLC0415 - see above

    from settings import load  # noqa: PLC0415
    from ticketgate.inbound import show_one, show_raw  # noqa: PLC0415

    asyncio.run(show_raw(load(), entry_id) if raw else show_one(load(), entry_id, as_json=as_json))


@inbound.command("replay")
def inbound_replay(
    entry_ids: Annotated[list[int], typer.Argument(metavar="ID", help="Of entries, as `list` shows them.")],
) -> None:
    """Has held, quarantined or ignored mail read once more; a held one is filed past the limit.

    \b
    Example:
      ticketgate inbound replay 17 18
    """
    import asyncio  # noqa: PLC0415 - see above

    from settings import load  # noqa: PLC0415
    from ticketgate.inbound import replay  # noqa: PLC0415

    if not asyncio.run(replay(load(), entry_ids)):
        sys.exit(2)


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
