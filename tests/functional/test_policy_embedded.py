"""The policy of a running cloud: each persona logs in, and its file is edited under it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.functional.clouds import PASSWORD, PROGRAMS, Cloud
from tests.functional.service_client import login

LIST = "os_compute_api:servers:index"
PEOPLE = {
    "admin": "admin",
    "demo_manager": "demo",
    "demo": "demo",
    "demo_reader": "demo",
    "alt_demo": "alt_demo",
    "neutron": "service",
}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "state")
    yield made
    made.down()


def _token(cloud: Cloud, user: str) -> str:
    body = login(user, PEOPLE[user], PASSWORD)
    answer = requests.post(f"{cloud.url}/identity/v3/auth/tokens", json=body, timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.headers["X-Subject-Token"]


def test_personas_and_edits_of_the_policy(cloud: Cloud) -> None:
    cloud.up()
    tokens = {user: _token(cloud, user) for user in PEOPLE}
    file, log = cloud.state.etc / "policy.yaml", cloud.state.embedded_log

    def may(path: str) -> set[str]:
        url = f"{cloud.url}/compute/v2.1{path}"
        answers = {
            user: requests.get(url, headers={"X-Auth-Token": text}, timeout=60).status_code
            for user, text in tokens.items()
        }
        assert set(answers.values()) <= {200, 403}
        return {user for user, status in answers.items() if status == 200}

    assert may("/servers") == set(PEOPLE) - {"neutron"}
    assert may("/os-services") == {"admin"}

    file.write_text(f'"{LIST}": "role:member and not role:admin"\n')
    assert may("/servers") == {"demo_manager", "demo", "alt_demo"}

    file.write_text(f'"{LIST}": "rule:nobody"\n')
    assert may("/servers") == {"demo_manager", "demo", "alt_demo"}
    assert log.read_text().count("there is no rule 'nobody'") == 1

    file.write_text("{}\n")
    assert may("/servers") == set(PEOPLE) - {"neutron"}
    assert "Traceback" not in log.read_text()


def test_a_broken_policy_file_refuses_the_start_in_one_clear_line(cloud: Cloud) -> None:
    cloud.state.make()
    (cloud.state.etc / "policy.yaml").write_text(f'"{LIST}": "roel:admin"\n')
    (cloud.state.etc / "minicloud.conf").touch()
    words = ["--config-file", str(cloud.state.conf), "policy", "check", LIST, "--as", "reader"]

    said = cloud.up(wants=1)
    told = subprocess.run(
        [PROGRAMS / "minicloud-manage", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    for text in (said, told.stderr):
        assert "policy.yaml: line 1" in text
        assert "did you mean role?" in text
        assert "Traceback" not in text
    assert told.returncode == 1
