"""Servers that wait for room in a deployment of real programs that are killed meanwhile."""

from collections.abc import Callable

from tests.crash.client import NANO
from tests.crash.deployment import Deployment, until

_PATIENCE_S = 60.0


def _switch(deployment: Deployment, word: str) -> None:
    """All hosts out of service, or back."""
    ask = deployment.client.ask
    listed = ask("GET", "/compute/v2.1/os-services?binary=nova-compute").json()["services"]
    for service in listed:
        body = {"host": service["host"], "binary": "nova-compute"}
        answer = ask("PUT", f"/compute/v2.1/os-services/{word}", body)
        assert answer.status_code == 200, answer.text


def _create(deployment: Deployment, name: str, seconds: int) -> str:
    client = deployment.client
    server = {"name": name, "flavorRef": NANO, "imageRef": client.image, "networks": "none"}
    hints = {"pending_timeout": seconds}
    body = {"server": server, "os:scheduler_hints": hints}
    answer = client.ask("POST", "/compute/v2.1/servers", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["server"]["id"])


def _task(deployment: Deployment, uuid: str) -> object:
    return deployment.client.show(uuid).json()["server"]["OS-EXT-STS:task_state"]


def _comes(deployment: Deployment, uuid: str, status: str) -> Callable[[], bool]:
    return lambda: deployment.client.status(uuid) == status


def test_killed_programs_find_again_who_waits_and_who_waited_in_vain(
    deployment: Deployment,
) -> None:
    client = deployment.client
    first = client.create("any").json()["server"]["id"]  # the client speaks 2.37 from now on
    _switch(deployment, "disable")
    try:
        waits = [_create(deployment, f"waits-{number}", 3600) for number in range(3)]
        in_vain = _create(deployment, "in-vain", 8)
        for uuid in [*waits, in_vain]:
            until(lambda uuid=uuid: _task(deployment, uuid) == "pending", _PATIENCE_S)  # type: ignore[misc]

        killed = deployment.kill("conductor", "scheduler")
        deployment.wait_restarted(killed)
        until(_comes(deployment, in_vain, "ERROR"), _PATIENCE_S)
        statuses = {client.status(uuid) for uuid in waits}
        fault = client.show(in_vain).json()["server"]["fault"]
    finally:
        _switch(deployment, "enable")
    for uuid in waits:
        until(_comes(deployment, uuid, "ACTIVE"), _PATIENCE_S)

    assert statuses == {"BUILD"}
    assert fault["message"].startswith("No valid host was found.")
    assert fault["minicloud:code"] == "NO_VALID_HOST"
    for uuid in [first, in_vain, *waits]:
        client.delete(uuid)
