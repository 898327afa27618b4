"""docs/settings.md, written from the settings themselves: `make docs`."""

import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from settings.model import PREFIX, Settings
from settings.values import Networks

HEAD = """\
# Settings

Environment variables, or the same names in a file `.env` in the directory where `ticketgate` starts; the environment
wins. Nothing is needed for `ticketgate up`. An empty value counts as unset. A value that makes no sense is one line on
standard error that names the variable, and exit 2. `ticketgate check` tries all parts that the settings name.

With an `s3://` URL, credentials, region and endpoint come from the variables that every S3 program reads:
`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, and `AWS_ENDPOINT_URL` for MinIO and the like.

This page is written by `make docs` from `settings/model.py`.

| variable | default | meaning |
| --- | --- | --- |
"""


def render() -> str:
    """The page: one row for each setting, in the order in which they are declared."""
    rows = (f"| `{PREFIX}{name.upper()}` | {_default(field)} | {_meaning(field)} |\n" for name, field in _fields())
    return HEAD + "".join(rows)


def _fields() -> list[tuple[str, FieldInfo]]:
    return list(Settings.model_fields.items())


def _default(field: FieldInfo) -> str:
    """As a person would write it."""
    value = field.default
    match value:
        case None:
            return "unset"
        case Networks(members=()) | ():
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case Path():
            return f"`./{value}`"
        case _:
            return f"`{value}`"


def _meaning(field: FieldInfo) -> str:
    choices = [f"`{choice}`" for choice in _choices(field.annotation)]
    said = f" {', '.join(choices[:-1])} or {choices[-1]}." if choices else ""
    return f"{field.description}{said}".replace("|", r"\|")


def _choices(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


if __name__ == "__main__":
    sys.stdout.write(render())
