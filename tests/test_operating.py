"""docs/operating.md and docs/systemd: what they name must exist. Postfix's lines are tried in tests_long/."""

import re
from pathlib import Path

from settings import Settings
from ticketgate.cli import app

DOCS = Path(__file__).parent.parent / "docs"
GUIDE = (DOCS / "operating.md").read_text()
UNITS = {path.name: path.read_text() for path in (DOCS / "systemd").glob("*.service")}
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands}


def test_every_setting_of_the_guide_exists() -> None:
    assert set(re.findall(r"\bTICKETGATE_([A-Z_]+)", GUIDE)) <= {name.upper() for name in Settings.model_fields}


def test_each_unit_runs_the_command_of_its_name() -> None:
    assert set(UNITS) == {f"ticketgate-{name}.service" for name in ("migrate", *roles())}
    for name, unit in UNITS.items():
        command = name.removeprefix("ticketgate-").removesuffix(".service")
        assert command in COMMANDS
        assert re.search(rf"^ExecStart=.*/opt/ticketgate/bin/ticketgate {command}\b", unit, re.MULTILINE), name


def test_the_target_wants_every_role_and_each_role_waits_for_the_schema() -> None:
    target = (DOCS / "systemd" / "ticketgate.target").read_text()
    wanted = re.findall(r"ticketgate-([a-z]+)\.service", target)
    assert wanted == roles()
    for role in roles():
        assert (
            "Requires=ticketgate-migrate.service\nAfter=ticketgate-migrate.service\n"
            in UNITS[f"ticketgate-{role}.service"]
        )


def test_every_file_that_the_guide_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!http|#)([^)]+)\)", GUIDE)
    assert links
    assert all((DOCS / link).exists() for link in links), links


def roles() -> list[str]:
    return ["smtp", "intake", "api", "worker", "scheduler"]
