"""`ticketgate explain` as a shell sees it."""

import json
import re
from pathlib import Path

from tests.cast import mail
from tests.ticketgate.command import Run, assert_one_line

MAIL = Path(__file__).parents[1] / "mail"


def written(folder: Path, name: str, raw: bytes) -> str:
    (folder / name).write_bytes(raw)
    return str(folder / name)


def test_json_is_one_object_a_line_in_the_order_of_the_files(run: Run, tmp_path: Path) -> None:
    first = written(tmp_path, "b.eml", mail(subject="Größe", text="one\u2028two\u0085three\n"))
    second = written(tmp_path, "a.eml", mail(subject="Second"))
    done = run("explain", "--json", first, second)
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["file"], one["subject"]) for one in found] == [(first, "Größe"), (second, "Second")]


def test_a_file_that_cannot_be_opened_is_a_line_and_the_others_are_still_done(run: Run, tmp_path: Path) -> None:
    files = [written(tmp_path, f"{number}.eml", mail(subject=f"No {number}")) for number in range(2)]
    done = run("explain", "--json", files[0], str(tmp_path / "missing.eml"), files[1])
    assert_one_line(done, 2, str(tmp_path / "missing.eml"), "No such file")
    assert [json.loads(line)["subject"] for line in done.stdout.splitlines()] == ["No 0", "No 1"]
    assert_one_line(run("explain", str(tmp_path)), 2, "Is a directory")


def test_a_dash_is_standard_input(run: Run) -> None:
    done = run("explain", "--json", "-", given=mail(subject="By pipe").decode())
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["file"], found["subject"]) == ("-", "By pipe")


def test_no_setting_is_read_neither_from_the_environment_nor_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TICKETGATE_HTTP_LISTEN=nonsense\n")
    file = written(tmp_path, "mail.eml", mail())
    done = run("explain", file, SMTP_LISTEN="nonsense", DATABASE_URL="mysql://x", DATA_DIR="/nowhere/at/all")
    assert (done.returncode, done.stderr) == (0, "")


def test_people_read_headers_new_words_what_is_left_out_and_what_is_odd(run: Run, tmp_path: Path) -> None:
    raw = mail(
        subject="Größe",
        text="New words\n\nOn Monday, Jane wrote:\n> old words\n\n-- \nZoë\n",
        files=(("plan.bin", b"x" * 2048),),
        In_Reply_To="<a@b>",
        Message_ID=None,
        Auto_Submitted="auto-replied",
    )
    done = run("explain", written(tmp_path, "mail.eml", raw))
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "mail.eml\n",
        "  subject       Größe\n",
        "  from          Zoë Ünal <zoe@people.example>\n",
        "  in reply to   a@b\n",
        "  kind          auto_reply (Auto-Submitted: auto-replied)\n",
        "what the author newly wrote\n    New words\n",
        "quoted (an intro line above lines marked with >, 95%)\n    On Monday, Jane wrote:\n    > old words\n",
        "\n    --\n    Zoë\n",
        "plan.bin (application/octet-stream, 2.0 KiB)\n",
        "no Message-ID",
    ):
        assert words in done.stdout


def test_people_read_what_a_bounce_is_about_and_who_first_sent_a_forwarded_mail(run: Run, tmp_path: Path) -> None:
    bounce = written(tmp_path, "bounce.eml", (MAIL / "delivery-status-notification.eml").read_bytes())
    done = run("explain", bounce, str(MAIL / "forwarded-in-the-text.eml"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "what came back of " in done.stdout
    assert re.search(r"^    \S+@\S+: hard 5\.\d\.\d", done.stdout, re.MULTILINE)
    assert "  forwarded     Bob <bob@else.example>\n" in done.stdout


def test_no_escape_sequence_of_a_mail_reaches_the_terminal(run: Run, tmp_path: Path) -> None:
    raw = b"From: a@b.example\r\nSubject: =?utf-8?q?=1b]0;mine=07?=\r\n\r\nred \x1b[31mletters\x9b0m\r\n"
    done = run("explain", written(tmp_path, "mail.eml", raw))
    assert done.returncode == 0, done.stderr
    assert "mine" in done.stdout
    assert "letters" in done.stdout
    assert not {"\x1b", "\x07", "\x9b"} & set(done.stdout)
