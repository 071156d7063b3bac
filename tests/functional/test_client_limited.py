"""The real clients and a cloud that limits them."""

from collections.abc import Iterator

import pytest
import requests

from tests.functional.client_shell import Shell, environment
from tests.functional.clouds import Cloud
from tests.functional.service_client import login

LIMITS = """
limits:
  - {name: writes, verbs: [POST, DELETE], uri: "*", value: 50, unit: DAY}
  - {name: keys, verbs: [GET], uri: /os-keypairs, value: 1, unit: HOUR}
  - {name: log-in, uri: /v3/auth/tokens, value: 2, unit: HOUR, per: address}
"""

GUESSED = login("demo", "demo", "guessed")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory = tmp_path_factory.mktemp("limited")
    file = directory / "limits.yaml"
    file.write_text(LIMITS)
    made = Cloud(directory / "state")
    made.up("--set", "ratelimit.enabled=true", "--set", f"ratelimit.limits_file={file}")
    yield made
    made.down()


def test_the_client_shows_the_rates(shell: Shell) -> None:
    shell.ok("server group create --policy affinity limited")

    rates = {(rate["Verb"], rate["URI"]): rate for rate in shell.json("limits show --rate")}

    assert sorted(rates) == [("DELETE", "*"), ("GET", "/os-keypairs"), ("POST", "*")]
    written = rates["POST", "*"]
    assert (written["Value"], written["Remain"], written["Unit"]) == (50, 49, "DAY")
    assert written["Next Available"].endswith("Z")


def test_a_client_that_asks_too_often_is_told_so(shell: Shell) -> None:
    shell.ok("keypair list")

    refused = shell.run("keypair list")

    assert refused.code == 1
    assert "This request was rate-limited." in refused.err


def test_whoever_guesses_a_password_is_told_so_and_whoever_knows_it_is_not(
    cloud: Cloud, shell: Shell
) -> None:
    guessing = Shell(environment(cloud) | {"OS_PASSWORD": "guessed"})
    try:
        said = [guessing.run("server list") for _ in range(3)]
    finally:
        guessing.close()

    assert [each.code for each in said] == [1, 1, 1]
    assert "HTTP 401" in said[0].err
    assert "HTTP 429" in said[2].err
    shell.ok("token issue")
    for number in range(3):  # over the wire nothing that is claimed counts either
        claimed = {"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"}
        reply = requests.post(
            f"{cloud.url}/identity/v3/auth/tokens", json=GUESSED, headers=claimed, timeout=60
        )
        assert reply.status_code == 429
