"""docs/api.md is true: its blocks run as they stand."""

import re
import subprocess

from tests.cast import PASSWORD
from tests.living import LivingDesk
from tests.migrations_complete import PROJECT


def test_every_block_of_the_api_page_runs(living_desk: LivingDesk) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", (PROJECT / "docs/api.md").read_text(), re.MULTILINE | re.DOTALL)
    environment = living_desk.product.environment | {"DESK": living_desk.address, "PASSWORD": PASSWORD}
    script = "set -eu -o pipefail\n" + "echo; echo '-- block'\n".join(blocks)
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ticket, found, refused = (done.stdout.split("-- block")[number] for number in (2, 5, -1))
    assert "on its way" in ticket
    assert '"status":"CL"' in found
    assert '"field":"status"' in refused
