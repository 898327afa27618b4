"""How a line looks, and that a line of a part stays what it is on its way through `up`."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from ticketgate.logs import formatter
from ticketgate.output import LONGEST, Output, said
from watch import trace

Written = Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]]


@pytest.fixture
def written() -> Iterator[Written]:
    """A logger with this formatter, and what it writes."""
    log = logging.getLogger("gateway.listener.of_tests")
    log.propagate = False
    log.setLevel(logging.INFO)

    def begin(form: logging.Formatter) -> tuple[logging.Logger, io.StringIO]:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(form)
        log.addHandler(handler)
        return log, stream

    yield begin
    log.handlers.clear()


def raised(text: str) -> ValueError:
    """An error with a traceback."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is the caller's
        raise ValueError(text)
    return caught.value


def test_a_line_in_json_says_when_how_grave_who_and_about_which_mail(written: Written) -> None:
    log, stream = written(formatter("smtp", "json"))
    with trace.bound("abc234"):
        log.warning("mail of %d bytes", 7)
    found = json.loads(stream.getvalue())
    assert found.pop("timestamp").endswith("Z")
    assert found == {
        "level": "warning",
        "role": "smtp",
        "event": "mail of 7 bytes",
        "logger": "gateway.listener.of_tests",
        "trace": "abc234",
    }


def test_a_line_about_no_mail_has_no_trace(written: Written) -> None:
    log, stream = written(formatter("smtp", "json"))
    with trace.bound("abc234"):
        pass
    log.info("taking mail in")
    assert "trace" not in json.loads(stream.getvalue())


def test_an_error_in_json_is_one_line_with_its_traceback(written: Written) -> None:
    log, stream = written(formatter("intake", "json"))
    log.error("it failed", exc_info=raised("first\nsecond"))
    [line] = stream.getvalue().splitlines()
    assert "Traceback" in json.loads(line)["exception"]
    assert "second" in json.loads(line)["exception"]


def test_a_console_line_can_be_read_and_carries_the_trace(written: Written) -> None:
    log, stream = written(formatter("smtp", "console"))
    with trace.bound("abc234"):
        log.info("mail kept")
    assert stream.getvalue().endswith("[info     ] mail kept [gateway.listener.of_tests] trace=abc234\n")


def test_a_strangers_words_neither_steer_the_terminal_nor_begin_a_line(written: Written) -> None:
    log, stream = written(formatter("smtp", "console"))
    log.info("sender at %s", "x\x1b[2J\x9b\n2026 [info] mail kept")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
    assert "\x9b" not in stream.getvalue()
    assert r"x\x1b[2J\x9b\n2026" in stream.getvalue()
    log.error("it failed", exc_info=raised("\x1b[2J"))
    assert "\x1b" not in stream.getvalue()


def passed_on(lines: list[tuple[str, str]], *, as_json: bool) -> list[str]:
    stream = io.BytesIO()
    output = Output(stream, owner="smtp", as_json=as_json)
    for name, line in lines:
        output.say(name, line)
    output.close()
    return stream.getvalue().decode().splitlines()


def test_a_line_in_json_is_passed_on_as_it_is(written: Written) -> None:
    log, stream = written(formatter("worker", "json"))
    log.error("long, but shorter than %d", LONGEST, exc_info=raised("x" * 20_000))
    assert passed_on([("worker", stream.getvalue())], as_json=True) == stream.getvalue().splitlines()


@pytest.mark.parametrize("line", ["LOG:  ready", '{"half":', '{"no": "event"}', "[1]", "\x1b[2J", "{}"])
def test_any_other_line_becomes_an_object_with_its_role(line: str) -> None:
    [found] = map(json.loads, passed_on([("postgres", line)], as_json=True))
    assert (found["role"], found["event"]) == ("postgres", line)
    assert set(found) == {"timestamp", "level", "role", "event"}


def test_on_a_console_each_line_stands_behind_its_role() -> None:
    assert passed_on([("smtp", "one"), ("scheduler", "two")], as_json=False) == ["smtp      | one", "scheduler | two"]


def test_last_words_are_those_of_the_event() -> None:
    assert said('{"level": "error", "event": "no database"}') == "no database"
    assert said(" no database ") == "no database"


def test_what_others_warn_of_goes_the_same_way() -> None:
    """In a process of its own: logging is set up for all of it."""
    program = (
        "import warnings, logging; from ticketgate.logs import set_up; set_up('api', 'json', 'warning');"
        "warnings.warn('old'); logging.getLogger('x').info('unheard'); logging.getLogger('tortoise').error('heard')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["role"] for event in events] == ["api", "api"]
    assert "old" in events[0]["event"]
    assert events[1]["event"] == "heard"
