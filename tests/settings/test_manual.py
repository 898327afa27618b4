"""docs/settings.md says what the settings are."""

from pathlib import Path

from settings import Settings
from settings.manual import render

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_what_make_docs_writes() -> None:
    assert PAGE.read_text() == render(), "run `make docs`"


def test_every_setting_has_a_row_with_a_meaning_in_their_order() -> None:
    rows = [line.split(" | ") for line in render().splitlines() if line.startswith("| `TICKETGATE_")]
    assert [row[0] for row in rows] == [f"| `TICKETGATE_{name.upper()}`" for name in Settings.model_fields]
    assert all(len(row) == 3 and row[1] and len(row[2]) > 10 for row in rows)


def test_defaults_are_as_a_person_would_write_them() -> None:
    defaults = dict(row.split(" | ")[:2] for row in render().splitlines() if row.startswith("| `TICKETGATE_"))
    assert defaults["| `TICKETGATE_SMTP_LISTEN`"] == "`127.0.0.1:2525`"
    assert defaults["| `TICKETGATE_LOGIN_RATE`"] == "`10/minute`"
    assert defaults["| `TICKETGATE_DATA_DIR`"] == "`./data`"
    assert defaults["| `TICKETGATE_REQUIRE_TLS`"] == "`false`"
    assert defaults["| `TICKETGATE_TRUSTED_PROXIES`"] == "empty"
    assert defaults["| `TICKETGATE_RELAY_URL`"] == "unset"
