"""Damages mails in every way that it can think of and reads them: `python -m tests.fuzz --count 200000`.

Each mail depends on the seed and its number alone, so that a finding can be made again. What raises, breaks what all
letters keep, or takes longer than two seconds is kept in a file, and the exit code is 1.
"""

import argparse
import multiprocessing
import random
import signal
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import FrameType

from letters import parse
from tests.hostile_pieces import TOKENS
from tests.letters.soundness import sound

MAIL = Path(__file__).parent / "mail"
SLOW = 2.0  # seconds of the processor: what a mail costs, however busy the machine is
HANGING = 20  # seconds, then the reading is broken off
PARENT_LIMIT = 40_000  # bytes of a mail that is damaged
MAIL_LIMIT = 200_000
BATCH = 200  # mails that a process reads before it reports
ENDLESS_FINDINGS = 50  # then it is no use to go on

LINE_ENDS = [b"\n", b"\r\n", b"\r", b"\n\r", b"\r\r\n", b"\r\n\r\n"]
Change = Callable[[bytearray, random.Random], None]


@dataclass(frozen=True)
class Finding:
    """A mail that was read badly."""

    number: int
    what: str
    raw: bytes


def main() -> int:
    """Reads as many mails as the command line says; exit 1 where any was read badly."""
    arguments = _arguments()
    parents = mails_to_damage(arguments.corpus)
    print(f"{len(parents)} mails to damage, seed {arguments.seed}")
    starts = range(0, arguments.count, BATCH)
    work = partial(_read_batch, arguments.seed, arguments.corpus, arguments.count)
    findings: list[Finding] = []
    seconds: list[float] = []
    began = time.monotonic()
    with multiprocessing.Pool(arguments.processes) as pool:
        for found, taken in pool.imap_unordered(work, starts):
            findings += found
            seconds += taken
            _show_progress(len(seconds), arguments.count, len(findings), time.monotonic() - began)
            if len(findings) >= ENDLESS_FINDINGS:
                break
    _report(findings, seconds, arguments)
    return 1 if findings else 0


def damaged(seed: int, number: int, parents: list[bytes]) -> bytes:
    """The mail of that number: always the same for the same seed and parents."""
    chance = random.Random(f"{seed} {number}")
    mail = bytearray(chance.choice(parents)[:PARENT_LIMIT])
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8, 20))):
        if chance.random() < 0.1:
            _splice(mail, chance.choice(parents)[:PARENT_LIMIT], chance)
        else:
            chance.choice(CHANGES)(mail, chance)
        mail = (mail or bytearray(b"\n"))[:MAIL_LIMIT]
    return bytes(mail)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="mails to read (%(default)s)")
    parser.add_argument("--corpus", type=Path, help="a folder with more mails (*.eml, also below it) to damage")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@cache
def mails_to_damage(corpus: Path | None) -> list[bytes]:
    paths = sorted(MAIL.glob("*.eml")) + (sorted(corpus.rglob("*.eml")) if corpus else [])
    return [path.read_bytes() for path in paths]


def _read_batch(seed: int, corpus: Path | None, count: int, start: int) -> tuple[list[Finding], list[float]]:
    signal.signal(signal.SIGALRM, _break_off)
    parents = mails_to_damage(corpus)
    findings: list[Finding] = []
    seconds: list[float] = []
    for number in range(start, min(start + BATCH, count)):
        raw = damaged(seed, number, parents)
        began = time.process_time()
        what = _fault_of(raw)
        seconds.append(time.process_time() - began)
        if what or seconds[-1] > SLOW:
            findings.append(Finding(number, what or f"took {seconds[-1]:.1f} s", raw))
    return findings, seconds


def _fault_of(raw: bytes) -> str:
    signal.alarm(HANGING)
    try:
        sound(parse(raw))
    except Exception as error:  # noqa: BLE001 - any exception is what is looked for
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:200]} ({Path(where.filename).name}:{where.lineno})"
    finally:
        signal.alarm(0)
    return ""


def _break_off(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"not read within {HANGING} s")


def _show_progress(done: int, count: int, findings: int, elapsed: float) -> None:
    if sys.stderr.isatty():
        print(
            f"\r{done}/{count} mails, {done / elapsed:.0f}/s, {findings} findings", end="", file=sys.stderr, flush=True
        )


def _report(findings: list[Finding], seconds: list[float], arguments: argparse.Namespace) -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if findings:
        folder = Path(tempfile.mkdtemp(prefix="ticketgate-fuzz-"))
        for finding in sorted(findings, key=lambda finding: finding.number):
            path = folder / f"seed-{arguments.seed}-mail-{finding.number}.eml"
            path.write_bytes(finding.raw)
            print(f"{path}: {finding.what}")
    median, worst = statistics.median(seconds), max(seconds)
    speed = f"{1 / median:.0f} mails/s a process in the median, longest {worst:.2f} s"
    print(f"{len(seconds)} mails, {len(findings)} findings; {speed}")


def _flip(mail: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        mail[chance.randrange(len(mail))] ^= 1 << chance.randrange(8)


def _insert_token(mail: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(mail))
    mail[at:at] = chance.choice(TOKENS) * chance.choice((1, 1, 1, 2, 30))


def _insert_field(mail: bytearray, chance: random.Random) -> None:
    """A token at the start of a line, where fields and boundaries stand."""
    at = mail.find(b"\n", chance.randrange(len(mail))) + 1
    mail[at:at] = chance.choice(TOKENS)


def _overwrite(mail: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(mail))
    mail[at : at + chance.randint(0, 30)] = chance.randbytes(chance.randint(0, 12))


def _remove(mail: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(mail))
    del mail[at : at + chance.choice((1, 3, 20, 200, 2000))]


def _repeat(mail: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(mail))
    piece = mail[at : at + chance.choice((1, 5, 50, 500))]
    mail[at:at] = piece * chance.choice((1, 2, 10, 100))


def _cut_off(mail: bytearray, chance: random.Random) -> None:
    del mail[chance.randint(1, len(mail)) :]


def _change_line_ends(mail: bytearray, chance: random.Random) -> None:
    mail[:] = bytes(mail).replace(b"\r\n", b"\n").replace(b"\n", chance.choice(LINE_ENDS))


def _swap_lines(mail: bytearray, chance: random.Random) -> None:
    lines = bytes(mail).splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    mail[:] = b"".join(lines)


def _splice(mail: bytearray, other: bytes, chance: random.Random) -> None:
    """The start of one mail and the end of another."""
    mail[chance.randrange(len(mail)) :] = other[chance.randrange(len(other)) :] if other else b""


CHANGES: list[Change] = [
    _flip,
    _insert_token,
    _insert_token,
    _insert_field,
    _insert_field,
    _overwrite,
    _remove,
    _repeat,
    _cut_off,
    _change_line_ends,
    _swap_lines,
]

if __name__ == "__main__":
    sys.exit(main())
