"""The OpenAPI document is true: whatever is sent, as whomever, the answers are among those that it names."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cast import PASSWORD, mail
from tests.product import Product

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method"
)


@pytest.mark.timeout(400)
def test_no_answer_is_a_server_error_or_undocumented(tmp_path: Path) -> None:
    with Product(tmp_path, login_rate="off") as desk:
        for name in ("agent", "customer"):
            user = {"username": name, "email": f"{name}@people.example", "password": PASSWORD, "role": name}
            assert desk.call("POST", "/api/users", user)
        desk.send(mail("customer@people.example", Message_ID="<one@client.example>"), "customer@people.example")
        desk.entry("one@client.example")
        wrong = [fuzz(desk, name) for name in ("customer", "agent", "admin")]
    assert not any(wrong), "\n".join(wrong)


def fuzz(desk: Product, name: str) -> str:
    """What schemathesis finds wrong; empty where nothing is."""
    tokens = desk.call("POST", "/api/login", {"username": name, "password": PASSWORD})
    command = [str(Path(sys.executable).with_name("st")), "run", f"{desk.http.base_url}/api/openapi.json"]
    command += ["-H", f"Authorization: Bearer {tokens['access']}", "--checks", CHECKS, "--continue-on-failure"]
    # A stream does not end, and a fuzzer that signs out or ends accounts would only look at 401 from then on.
    command += ["--exclude-path", "/api/events", "--exclude-path", "/api/users/{user_id}"]
    command += ["--exclude-path", "/api/users/me/sessions/{session_id}"]
    command += ["--max-time", "75", "--no-color"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=desk.folder, check=False)
    return "" if done.returncode == 0 else done.stdout[-6000:]
