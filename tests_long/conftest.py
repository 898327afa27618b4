"""The suite's own fixtures serve here too; tests whose servers are not installed are left out, and named at the end.

`@pytest.mark.needs("redis-server")` says what a test needs; tests_long/install_servers installs it.
"""

from typing import TYPE_CHECKING

import pytest

from tests import conftest as suite
from tests_long.servers import missing

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

left_out = pytest.StashKey[list[str]]()

pytest_unconfigure = suite.pytest_unconfigure


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*servers): programs of Debian that the test runs")
    config.stash[left_out] = []
    suite.pytest_configure(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    marks = {item: item.get_closest_marker("needs") for item in items}
    away = {item: missing(mark.args) for item, mark in marks.items() if mark}
    deselected = [item for item, servers in away.items() if servers]
    config.stash[left_out].extend(f"{item.nodeid}: no {', no '.join(away[item])} here" for item in deselected)
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under xdist the workers collect, and the controller speaks."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash[left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: "WorkerController") -> None:
    node.config.stash[left_out].extend(getattr(node, "workeroutput", {}).get("left_out", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    names = sorted(set(config.stash[left_out]))
    if names:
        terminalreporter.section("left out; `tests_long/install_servers`, as root, installs what they need")
    for name in names:
        terminalreporter.write_line(name)
