"""`minicloud up --identity keystone`: a real Keystone that belongs to the cloud, in both modes."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.functional.boot_cloud import eventually
from tests.functional.clouds import PASSWORD, Cloud
from tests.servers import absent, left_in

MODES = {"embedded": (), "processes": ("--processes", "--computes", "1")}
_PATIENCE_S = 60.0


@pytest.fixture(params=sorted(MODES))
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "a space")
    said = made.up("--identity", "keystone", *MODES[request.param], wants=None)
    if "minicloud[keystone]" in said:
        absent(said)
    assert "minicloud is up" in said, said
    yield made
    made.down()
    assert left_in(made.state.root) == []


def test_its_users_boot_servers_and_it_comes_back_when_it_dies(cloud: Cloud) -> None:
    url = exported(cloud, "OS_AUTH_URL")
    token = logged_in(url, "demo")

    made = asked(cloud, "POST", "/servers", token, {"server": wanted(cloud, token)})

    path = f"/servers/{made['server']['id']}"
    eventually(lambda: asked(cloud, "GET", path, token)["server"]["status"] == "ACTIVE")
    status = cloud.call("status")
    assert f"identity  {url}" in status
    assert "servers   1 on hosts" in status

    before = cloud.child("keystone")
    assert "keystone" in cloud.call("kill", "keystne", wants=2)
    cloud.call("kill", "keystone")

    eventually(lambda: after(cloud) not in (0, before.pid))
    eventually(lambda: status_of(cloud, token) == 200)


def exported(cloud: Cloud, name: str) -> str:
    """What a shell has after `eval "$(minicloud env --user demo)"`."""
    lines = cloud.call("env", "--user", "demo")
    done = subprocess.run(
        ["bash", "-c", f'{lines}\nprintf %s "${name}"'], capture_output=True, text=True, check=True
    )
    return done.stdout


def after(cloud: Cloud) -> int:
    """The pid of the Keystone that runs; 0 while none does."""
    child = cloud.child("keystone")
    return child.pid if child.alive and child.state == "running" else 0


def logged_in(url: str, user: str) -> str:
    home = {"id": "default"}
    person = {"name": user, "domain": home, "password": PASSWORD}
    identity = {"methods": ["password"], "password": {"user": person}}
    body = {"auth": {"identity": identity, "scope": {"project": {"name": user, "domain": home}}}}
    answer = requests.post(f"{url}/auth/tokens", json=body, timeout=_PATIENCE_S)
    assert answer.status_code == 201, answer.text
    return answer.headers["X-Subject-Token"]


def wanted(cloud: Cloud, token: str) -> dict[str, str]:
    listed = requests.get(
        f"{cloud.url}/image/v2/images", headers={"X-Auth-Token": token}, timeout=_PATIENCE_S
    )
    (picture,) = listed.json()["images"]
    return {"name": "vm", "flavorRef": "42", "imageRef": picture["id"], "networks": "none"}


def asked(cloud: Cloud, verb: str, path: str, token: str, body: Any = None) -> dict[str, Any]:
    answer = requests.request(
        verb,
        f"{cloud.url}/compute/v2.1{path}",
        json=body,
        headers={"X-Auth-Token": token, "OpenStack-API-Version": "compute latest"},
        timeout=_PATIENCE_S,
    )
    assert answer.ok, answer.text
    found: dict[str, Any] = answer.json()
    return found


def status_of(cloud: Cloud, token: str) -> int:
    headers = {"X-Auth-Token": token}
    url = f"{cloud.url}/compute/v2.1/servers"
    return requests.get(url, headers=headers, timeout=_PATIENCE_S).status_code
