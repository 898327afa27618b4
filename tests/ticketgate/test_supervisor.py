"""The supervisor with small real children, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ticketgate.processes import marked, until
from ticketgate.output import LONGEST

Begin = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts a supervisor over `(name, shell script, is_server)`; `$D` in a script is the test's directory."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(*parts: tuple[str, str, bool], grace: float = 30) -> subprocess.Popen[bytes]:
        filled = [(name, script.replace("$D", str(tmp_path)), server) for name, script, server in parts]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ticketgate.supervised", json.dumps(filled), str(grace)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def stopped(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> tuple[int, str]:
    process.send_signal(number)
    return ended(process)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, said = process.communicate(timeout=60)
    return process.returncode, said.decode()


def lines(path: Path) -> list[str]:
    return path.read_text().split("\n")[:-1] if path.exists() else []


def waits(name: str) -> str:
    """A script that says that it is there, and stays."""
    return f"echo $$ >> $D/{name}; exec sleep 3600"


def test_a_part_that_dies_is_started_again(begin: Begin, tmp_path: Path) -> None:
    process = begin(("role", waits("role"), False))
    (first,) = until(lambda: lines(tmp_path / "role"), "the first start")
    os.kill(int(first), signal.SIGKILL)
    until(lambda: len(lines(tmp_path / "role")) == 2, "the second start")
    code, said = stopped(process)
    assert code == 0
    assert "role ended (signal SIGKILL); starting it again" in said


def test_a_part_that_dies_five_times_ends_it_all_and_leaves_its_last_words(begin: Begin, tmp_path: Path) -> None:
    code, said = ended(
        begin(("bad", "echo x >> $D/bad; echo the disk is gone; exit 1", False), ("good", waits("good"), True))
    )
    assert code == 1
    assert said.splitlines()[-1].endswith("bad died 5 times within 60 s; the last words: the disk is gone")
    assert len(lines(tmp_path / "bad")) == 5
    assert not marked(str(tmp_path))


def test_deaths_of_one_part_do_not_count_for_another(begin: Begin, tmp_path: Path) -> None:
    dies_thrice = "echo x >> $D/{0}; [ $(wc -l < $D/{0}) -gt 3 ] && exec sleep 3600; exit 1"
    process = begin(("a", dies_thrice.format("a"), False), ("b", dies_thrice.format("b"), False))
    until(lambda: len(lines(tmp_path / "a")) == len(lines(tmp_path / "b")) == 4, "the fourth start of both")
    assert stopped(process)[0] == 0


def test_a_role_that_needs_a_person_ends_it_all_at_once_with_2(begin: Begin, tmp_path: Path) -> None:
    code, said = ended(begin(("role", "echo x >> $D/role; echo TICKETGATE_SMTP_LISTEN: taken >&2; exit 2", False)))
    assert code == 2
    assert said.splitlines()[-1] == "failed    | TICKETGATE_SMTP_LISTEN: taken"
    assert len(lines(tmp_path / "role")) == 1


def test_a_server_that_exits_with_2_is_started_again(begin: Begin, tmp_path: Path) -> None:
    """PostgreSQL does so when a signal or a crash of its own ends it."""
    process = begin(("server", "echo x >> $D/s; [ $(wc -l < $D/s) -gt 1 ] && exec sleep 3600; exit 2", True))
    until(lambda: len(lines(tmp_path / "s")) == 2, "the second start")
    assert stopped(process)[0] == 0


def test_servers_are_stopped_after_all_roles(begin: Begin, tmp_path: Path) -> None:
    role = "trap 'sleep 0.2; echo role >> $D/ends; exit 0' TERM; echo x >> $D/{0}; while :; do sleep 0.01; done"
    server = "trap 'echo server >> $D/ends; exit 0' INT; echo x >> $D/{0}; while :; do sleep 0.01; done"
    process = begin(("s", server.format("s"), True), ("a", role.format("a"), False), ("b", role.format("b"), False))
    until(lambda: all((tmp_path / name).exists() for name in "sab"), "all running")
    assert stopped(process)[0] == 0
    assert lines(tmp_path / "ends") == ["role", "role", "server"]


def test_a_part_that_will_not_end_is_killed_and_nothing_of_it_stays(begin: Begin, tmp_path: Path) -> None:
    stubborn = (
        "trap '' TERM; (cd $D; setsid sh -c 'trap \"\" TERM; echo x > $D/grandchild; while :; do sleep 1; done') & wait"
    )
    process = begin(("role", stubborn, False), grace=0.2)
    until((tmp_path / "grandchild").exists, "the grandchild")
    assert stopped(process)[0] == 0
    assert not marked(str(tmp_path))


def test_what_a_killed_part_leaves_behind_is_ended_before_it_starts_again(begin: Begin, tmp_path: Path) -> None:
    process = begin(("pool", "setsid sh -c 'echo $$ >> $D/left; exec sleep 3600' & echo $$ >> $D/pool; wait", False))
    first = int(until(lambda: lines(tmp_path / "pool"), "the first start")[0])
    left = int(until(lambda: lines(tmp_path / "left"), "its child")[0])
    os.kill(first, signal.SIGKILL)
    until(lambda: len(lines(tmp_path / "pool")) == 2, "the second start")
    assert not Path(f"/proc/{left}").exists()
    assert stopped(process)[0] == 0


def test_a_second_ctrl_c_ends_all_patience(begin: Begin, tmp_path: Path) -> None:
    stubborn = "trap 'echo asked >> $D/asked' TERM; echo x > $D/there; while :; do sleep 0.01; done"
    process = begin(("role", stubborn, False), grace=3600)
    until((tmp_path / "there").exists, "the role")
    process.send_signal(signal.SIGINT)
    until((tmp_path / "asked").exists, "the first Ctrl-C has arrived")
    assert stopped(process, signal.SIGINT)[0] == 0
    assert not marked(str(tmp_path))


def test_ctrl_c_in_the_terminal_reaches_only_the_supervisor(begin: Begin, tmp_path: Path) -> None:
    process = begin(("role", waits("role"), False))
    role = int(until(lambda: lines(tmp_path / "role"), "the role")[0])
    assert os.getpgid(role) != os.getpgid(process.pid)
    assert stopped(process, signal.SIGINT)[0] == 0


def test_parts_go_when_the_supervisor_is_killed(begin: Begin, tmp_path: Path) -> None:
    process = begin(("role", waits("role"), False), ("server", waits("server"), True))
    pids = [int(until(lambda name=name: lines(tmp_path / name), name)[0]) for name in ("role", "server")]  # type: ignore[misc]
    process.kill()
    until(lambda: not any(_lives(pid) for pid in pids), "both gone")


def _lives(pid: int) -> bool:
    """An orphan that nobody reaps is dead all the same."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_what_parts_say_comes_out_in_lines_behind_their_names(begin: Begin) -> None:
    loud = r"printf 'caf\303\251\n\377 bad \033[31mred\nno end'; echo oops >&2; exit 2"
    _, said = ended(begin(("scheduler", loud, False)))
    assert said.splitlines()[:3] == [
        "scheduler | café",
        "scheduler | \N{REPLACEMENT CHARACTER} bad \N{REPLACEMENT CHARACTER}[31mred",
        "scheduler | no endoops",
    ]


def test_a_line_without_end_comes_out_in_pieces(begin: Begin) -> None:
    _, said = ended(begin(("role", "head -c 100000 /dev/zero | tr '\\0' x; exit 2", False)))
    pieces = [line.removeprefix("role      | ") for line in said.splitlines() if line.startswith("role ")]
    assert "".join(pieces) == "x" * 100000
    assert max(map(len, pieces)) <= LONGEST


def test_a_terminal_that_takes_nothing_holds_up_nobody(begin: Begin, tmp_path: Path) -> None:
    flood = "yes 'a line that fills every pipe there is' | head -n 200000; echo x >> $D/done; exec sleep 3600"
    process = begin(("loud", flood, False), ("quiet", waits("quiet"), False))
    until((tmp_path / "done").exists, "the whole flood taken though nobody reads")
    os.kill(int(lines(tmp_path / "quiet")[0]), signal.SIGKILL)
    until(lambda: len(lines(tmp_path / "quiet")) == 2, "the restart")
    process.send_signal(signal.SIGTERM)
    until(lambda: process.poll() is not None, "the end, with nobody reading")
    assert process.returncode == 0


def test_the_supervisor_says_how_many_lines_it_left_out(begin: Begin, tmp_path: Path) -> None:
    process = begin(
        ("loud", "seq 200000; echo x >> $D/done; while [ ! -e $D/go ]; do sleep 0.01; done; echo last; exit 2", False)
    )
    until((tmp_path / "done").exists, "the whole flood taken though nobody reads")
    assert process.stderr
    first: Any = process.stderr.readline()
    (tmp_path / "go").touch()
    _, said = ended(process)
    assert first == b"loud      | 1\n"
    assert "lines were left out here" in said
