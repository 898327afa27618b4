"""The door for Prometheus: whom it answers for, and what it leaves behind."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from settings import BadSetting, load
from tests.conftest import free_port
from ticketgate import metrics
from ticketgate.sockets import bind

FORKED = """
import os, stat, sys, urllib.request
from settings import Listen, load
from ticketgate import metrics

def open_file(number):
    return os.path.exists(f"/proc/self/fd/{number}")

port = int(sys.argv[1])
metrics.serve(load(_env_file=None, metrics_listen=Listen("127.0.0.1", port)))
from watch import counts

counts.received.labels("smtp").inc()
if not (child := os.fork()):
    counts.received.labels("smtp").inc(2)
    counts.received.labels("lmtp").inc()
    held = [stat.S_ISSOCK(os.fstat(number).st_mode) for number in range(3, 32) if open_file(number)]
    print("doors in the child", sum(held), flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode())
print("heavy", {"tortoise", "celery", "fastapi", "jinja2", "desk"} & set(sys.modules))
print("folder", os.environ["PROMETHEUS_MULTIPROC_DIR"], os.environ["TICKETGATE_METRICS_LISTEN"])
"""


STAYING = """
import os, signal, sys
from settings import Listen, load
from ticketgate import metrics

metrics.serve(load(_env_file=None, metrics_listen=Listen("127.0.0.1", int(sys.argv[1]))))
print(os.environ["PROMETHEUS_MULTIPROC_DIR"], flush=True)
signal.pause()
"""


def test_a_process_answers_for_its_children_and_they_do_not_hold_its_port() -> None:
    said = run(FORKED, str(free_port()))
    assert 'ticketgate_mail_received_total{protocol="smtp"} 3.0' in said
    assert 'ticketgate_mail_received_total{protocol="lmtp"} 1.0' in said
    assert "doors in the child 0" in said
    assert "heavy set()" in said


def test_its_folder_goes_with_it_and_its_children_open_no_door_of_their_own() -> None:
    last = run(FORKED, str(free_port())).splitlines()[-1]
    _, folder, setting = last.split()
    assert not Path(folder).exists()
    assert setting == "off"
    assert load(_env_file=None, metrics_listen=setting).metrics_listen is None


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_a_living_one_has_is_not() -> None:
    with staying() as living:
        with staying() as dead:
            pass
        run(FORKED, str(free_port()))
        assert (dead.exists(), living.exists()) == (False, True)


@contextmanager
def staying() -> Iterator[Path]:
    """The folder of a process that answers until it is killed at the end."""
    command = [sys.executable, "-c", STAYING, str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_nothing_is_opened_or_written_where_nobody_asked_for_it() -> None:
    program = (
        "import os, threading; from settings import load; from ticketgate import metrics;"
        "metrics.serve(load(_env_file=None));"
        "print(threading.active_count(), os.environ.get('PROMETHEUS_MULTIPROC_DIR'))"
    )
    assert run(program) == "1 None\n"


def test_a_taken_port_is_a_bad_setting() -> None:
    settings = load(_env_file=None, metrics_listen=f"127.0.0.1:{free_port()}")
    assert settings.metrics_listen
    (taken,) = bind(settings.metrics_listen, metrics.SETTING)
    with taken, pytest.raises(BadSetting, match=r"TICKETGATE_METRICS_LISTEN: .* is taken by another program"):
        metrics.serve(settings)


def run(program: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
