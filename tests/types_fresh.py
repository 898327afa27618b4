"""Whether the dashboard's types are those of the API. `python -m tests.types_fresh`, a part of `make check`."""

import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parent.parent
DASHBOARD = PROJECT / "dashboard"
TYPES = DASHBOARD / "src/api/schema.ts"


def stale() -> bool:
    """Whether `make types` would write something else. Writes nothing itself."""
    with tempfile.TemporaryDirectory() as folder:
        document, types = Path(folder, "openapi.json"), Path(folder, "schema.ts")
        with document.open("wb") as file:
            subprocess.run([sys.executable, "-m", "api.document"], cwd=PROJECT, stdout=file, check=True)
        generate = [DASHBOARD / "npm", "--prefix", DASHBOARD, "run", "--silent", "types", "--", document]
        subprocess.run([*generate, "--output", types], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return types.read_bytes() != TYPES.read_bytes()


if __name__ == "__main__":
    sys.exit("The dashboard's types are older than the API: run `make types`." if stale() else None)
