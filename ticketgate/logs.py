"""How log lines look: for people, or one JSON object a line. Everybody logs with the standard library."""

import json
import logging
import re
import sys
import traceback
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from watch import trace

# Theirs tell of every task and every query, or of what only we decide.
QUIET = ("celery.app.trace", "celery.beat", "celery.worker.strategy", "tortoise", "asyncio")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def set_up(role: str, form: Literal["console", "json"], level: str) -> None:
    """From now on all that this process logs goes to standard error in this form, with the id of what it is about."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(role, form, colours=sys.stderr.isatty()))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def formatter(role: str, form: Literal["console", "json"], *, colours: bool = False) -> logging.Formatter:
    """Renders records of the standard library. `role` is said in JSON; a console shows it in front of the line."""
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]
    own: list[Processor]
    if form == "json":
        own = [_Role(role), structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)]
    else:
        console = structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0, exception_formatter=_traceback)
        own = [_on_one_line, console]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=common, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *own]
    )


class _Role:
    def __init__(self, role: str) -> None:
        self._role = role

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        return {"timestamp": event.pop("timestamp"), "level": event.pop("level"), "role": self._role, **event}


def _add_trace(_logger: object, _method: str, event: EventDict) -> EventDict:
    if found := trace.current():
        event["trace"] = found
    return event


def _on_one_line(_logger: object, _method: str, event: EventDict) -> EventDict:
    """What a stranger's mail says must neither steer the terminal nor look like a line of ours."""
    event["event"] = _tame(str(event["event"]))
    return event


def _traceback(stream: TextIO, error: ExcInfo) -> None:
    lines = "".join(traceback.format_exception(*error)).splitlines()
    stream.write("\n".join(map(_tame, lines)))


def _tame(text: str) -> str:
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _dumps(event: EventDict, **_: object) -> str:
    return json.dumps(event, default=str)
