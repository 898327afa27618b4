"""`make corpus`: what `letters` makes of real mails whose right reading somebody else wrote down.

A corpus is a folder with `cases.jsonl` (one mail a line: id, source, kind, eml, expect) and `score.py`, which judges a
reading: `score_case(case, observed)` answers for each expected key whether it holds (None: cannot be seen here).
Prints what holds for each kind, key and source, what fell short, and what reading costs.
"""

import argparse
import importlib.util
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from letters import as_json, parse
from letters.html import html_to_text

Verdicts = dict[str, tuple[bool | None, str, float | None]]
MACHINES = frozenset({"auto_reply", "out_of_office", "auto_generated"})
DAMAGED = json.dumps("\N{REPLACEMENT CHARACTER}").strip('"')  # in what a reader expects that decoded it worse
SHOWN_OF_A_REASON = 160  # characters


@dataclass
class Reading:
    """One mail, what was made of it, and what the scorer says."""

    case: dict[str, Any]
    seen: dict[str, Any]  # CONTRACT.md section 6; empty where the reader raised
    seconds: float
    error: str = ""
    verdicts: Verdicts = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.case["id"])

    @property
    def failures(self) -> dict[str, str]:
        """The keys that fell short, and how."""
        return {key: reason for key, (holds, reason, _) in self.verdicts.items() if holds is False}

    @property
    def judged(self) -> bool:
        """Whether anything about this mail could be judged."""
        return any(holds is not None for key, (holds, _, _) in self.verdicts.items() if key != "accepted")


def main() -> int:
    """Reads the corpus named on the command line and prints what holds; exit 2 where there is none."""
    arguments = _arguments()
    folder: Path = arguments.corpus
    try:
        cases = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines() if line]
        scorer = _load(folder / "score.py")
    except (OSError, ValueError) as error:
        print(f"no corpus at {folder} ({error}): name one with `make corpus CORPUS=folder`", file=sys.stderr)
        return 2
    readings = [_read(folder, case, scorer) for case in _shown(cases)]
    for line in _report(readings, scorer, verbose=arguments.verbose):
        print(line)
    if arguments.json:
        arguments.json.write_text("".join(f"{json.dumps(_row(reading))}\n" for reading in readings))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__.split("\n\n")[0])
    parser.add_argument("corpus", type=Path, help="the folder with cases.jsonl and score.py")
    parser.add_argument("--json", type=Path, metavar="FILE", help="one object a line and mail goes here")
    parser.add_argument("-v", "--verbose", action="store_true", help="every mail that fell short, and by what")
    return parser.parse_args()


def _load(path: Path) -> ModuleType:
    """The scorer, which lies in the corpus and not in this project. Raises OSError, ValueError."""
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _shown(cases: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The cases, with a line that grows where a person watches."""
    for at, case in enumerate(cases, 1):
        if sys.stderr.isatty():
            print(f"\r{at}/{len(cases)} mails", end="\n" if at == len(cases) else "", file=sys.stderr, flush=True)
        yield case


def _read(folder: Path, case: dict[str, Any], scorer: ModuleType) -> Reading:
    raw = (folder / case["eml"]).read_bytes()
    start = time.perf_counter()
    try:
        letter = parse(raw)
        reading = Reading(case, as_json(letter), time.perf_counter() - start)
    except Exception as error:  # noqa: BLE001 - a crash is what is counted here
        reading = Reading(case, {}, time.perf_counter() - start, f"{type(error).__name__}: {error}")
    reading.verdicts = scorer.score_case(case, _observed(reading))
    return reading


def _observed(reading: Reading) -> dict[str, Any]:
    """A reading in the words of the scorer."""
    seen = reading.seen
    if not seen:
        return {"crashed": True, "error": reading.error}
    recipients = (seen["bounce"] or {}).get("recipients", [])
    return {
        "accepted": True,
        "seconds": reading.seconds,
        "subject": seen["subject"],
        "from_email": (seen["from"] or {}).get("email"),
        "from_name": (seen["from"] or {}).get("name"),
        "message_id": seen["message_id"],
        **{name: [address["email"] for address in seen[name]] for name in ("to", "cc", "reply_to")},
        "in_reply_to": seen["in_reply_to"],
        "references": seen["references"],
        "body_text": seen["text"],
        "body_html_text": html_to_text(seen["html"]) if seen["html"] else "",
        "reply_text": seen["new_text"],
        "attachments": seen["attachments"],
        "is_auto_reply": seen["kind"] in MACHINES,
        "is_bounce": seen["kind"] == "bounce",
        "is_feedback_report": seen["kind"] == "feedback_report",
        "bounce_recipient": [recipient["email"] for recipient in recipients],
        "bounce_status": [recipient["status"] for recipient in recipients if recipient["status"]],
        "bounce_kind": next(("hard" if one["kind"] == "hard" else "soft" for one in recipients), None),
    }


def _report(readings: list[Reading], scorer: ModuleType, *, verbose: bool) -> Iterator[str]:
    judged = [reading for reading in readings if reading.judged]
    yield "whole case right, by kind"
    yield from _shares(judged, lambda reading: str(reading.case["kind"]))
    reading_kinds = [
        reading for reading in judged if reading.case["kind"] in {"parse", "attachment", "charset", "html"}
    ]
    yield f"  parse, attachment, charset and html together  {_share(_right(reading_kinds), len(reading_kinds))}"
    sound = [reading for reading in reading_kinds if DAMAGED not in json.dumps(reading.case["expect"])]
    yield f"  of these, where what is expected is not damaged itself  {_share(_right(sound), len(sound))}"
    yield "by source"
    yield from _shares(judged, lambda reading: str(reading.case["source"]))
    yield "by key"
    yield from _keys(judged)
    yield from _special(readings, scorer)
    if verbose:
        yield "fell short"
        for reading in readings:
            for key, reason in reading.failures.items():
                yield f"  {reading.name}  {key}: {reason[:SHOWN_OF_A_REASON]}"


def _shares(readings: Iterable[Reading], group: Callable[[Reading], str]) -> Iterator[str]:
    groups: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[group(reading)].append(reading)
    for name, members in sorted(groups.items()):
        yield f"  {name:<28} {_share(_right(members), len(members))}"


def _right(readings: Iterable[Reading]) -> int:
    return sum(not reading.failures for reading in readings)


def _keys(readings: Iterable[Reading]) -> Iterator[str]:
    held: dict[str, list[bool]] = defaultdict(list)
    for reading in readings:
        for key, (holds, _, _) in reading.verdicts.items():
            if holds is not None:
                held[key].append(holds)
    for key, verdicts in sorted(held.items()):
        yield f"  {key:<28} {_share(sum(verdicts), len(verdicts))}"


def _special(readings: list[Reading], scorer: ModuleType) -> Iterator[str]:
    """What no single key tells: words lost by trimming, false alarms, crashes, time."""
    excerpts = [reading for reading in readings if "reply_excerpt" in reading.case["expect"] and reading.seen]
    over = [
        reading
        for reading in excerpts
        if scorer.recall(reading.case["expect"]["reply_excerpt"], reading.seen["new_text"]) < 0.95
    ]
    ordinary = [reading for reading in readings if reading.case["kind"] != "bounce"]
    alarms = [reading for reading in ordinary if reading.seen.get("kind") == "bounce"]
    crashes = [reading for reading in readings if reading.error]
    times = sorted(1000 * reading.seconds for reading in readings)
    yield "beside that"
    yield f"  over-trimmed (lost > 5 % of the words) {_named(over, len(excerpts))}"
    yield f"  bounces seen in other mail             {_named(alarms, len(ordinary))}"
    yield f"  crashes                                {_named(crashes, len(readings))}"
    yield (
        f"  ms a mail: median {statistics.median(times):.2f}, 99 of 100 below {times[len(times) * 99 // 100]:.1f}, "
        f"longest {times[-1]:.0f}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({100 * part / whole:.1f} %)" if whole else "none"


def _named(readings: list[Reading], whole: int) -> str:
    names = ", ".join(reading.name for reading in readings[:5])
    return f"{len(readings)}/{whole}" + (f": {names}" if names else "")


def _row(reading: Reading) -> dict[str, Any]:
    return {
        "id": reading.name,
        "kind": reading.case["kind"],
        "source": reading.case["source"],
        "right": not reading.failures if reading.judged else None,
        "failures": reading.failures,
        "error": reading.error or None,
        "milliseconds": round(1000 * reading.seconds, 3),
    }


if __name__ == "__main__":
    sys.exit(main())
