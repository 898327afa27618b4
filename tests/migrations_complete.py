"""Whether the migrations say all that the models say. `python -m tests.migrations_complete`, a part of `make check`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parent.parent
CONFIG = """
from models.schema import config
from settings import DatabaseUrl
TORTOISE = config(DatabaseUrl(host="localhost", user="nobody", database="none"))
"""


def missing_migrations() -> str:
    """What `tortoise makemigrations` would write; empty where nothing is missing. Asks no database, writes no file."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tortoise_config.py").write_text(CONFIG)
        # A copy of the models, so that what it would write is not written here.
        subprocess.run(["cp", "-r", PROJECT / "models", PROJECT / "settings", PROJECT / "letters", folder], check=True)
        tortoise = [sys.executable, "-m", "tortoise.cli.cli", "-c", "tortoise_config.TORTOISE", "makemigrations"]
        environment = {"PYTHONPATH": folder, "PATH": os.environ["PATH"]}
        done = subprocess.run(tortoise, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        return "" if done.returncode == 0 and "No changes detected" in said else said or f"exit {done.returncode}"


if __name__ == "__main__":
    sys.exit(missing_migrations() or None)
