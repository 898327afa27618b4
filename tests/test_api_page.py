"""docs/api.md is true: its blocks run as they stand."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.cast import PASSWORD
from tests.migrations_complete import PROJECT
from tests.product import Product


@pytest.mark.whole
def test_every_block_of_the_api_page_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", (PROJECT / "docs/api.md").read_text(), re.MULTILINE | re.DOTALL)
    with Product(tmp_path) as desk:
        environment = desk.environment | {"DESK": str(desk.http.base_url), "PASSWORD": PASSWORD}
        script = "set -eu -o pipefail\n" + "echo; echo '-- block'\n".join(blocks)
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ticket, found, refused = (done.stdout.split("-- block")[number] for number in (2, 5, -1))
    assert "on its way" in ticket
    assert '"status":"CL"' in found
    assert '"field":"status"' in refused
