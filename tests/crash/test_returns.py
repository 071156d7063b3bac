"""A real agent that was stopped, given up and evacuated goes on, and touches nothing moved."""

import signal
from typing import Any

from minicloud.db import enlisting, hosts, instances, services
from minicloud.db.models import Instance
from minicloud.runtime.runfile import Child
from minicloud.servicegroup.base import COMPUTE
from tests.crash import rest
from tests.crash.deployment import REST_S, Deployment, until

_TOLD_S = 60.0


def _row(deployment: Deployment, uuid: str) -> Instance:
    return deployment.books.read(lambda db: instances.rows_of(db, [uuid]))[uuid]


def _facts(deployment: Deployment, uuid: str) -> dict[str, Any]:
    row = _row(deployment, uuid)
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def _booted(deployment: Deployment, name: str, zone: str | None = None) -> str:
    uuid = str(deployment.client.create(name, zone=zone).json()["server"]["id"])
    until(lambda: deployment.client.status(uuid) == "ACTIVE", REST_S)
    return uuid


def _guests(deployment: Deployment, uuid: str) -> list[str]:
    found = rest.guests(deployment.cloud.state.data / "guests")
    return sorted(host for host, of in found if of == uuid)


def _agent_of(deployment: Deployment, host: str) -> Child:
    agent = deployment.books.read(lambda db: hosts.agents_of(db, [host]))[host]
    (child,) = [one for one in deployment.of("compute") if one.name == agent]
    return child


def _epoch(deployment: Deployment, host: str) -> int:
    return deployment.books.read(lambda db: enlisting.epochs(db, [host]))[host]


def _is_down(deployment: Deployment, host: str) -> bool:
    (row,) = deployment.books.read(lambda db: services.of_group(db, COMPUTE, host))
    found = deployment.client.ask("GET", "/compute/v2.1/os-services?binary=nova-compute").json()
    return (row.host, "down") in [(one["host"], one["state"]) for one in found["services"]]


def test_an_agent_that_goes_on_destroys_what_was_evacuated_and_nothing_else(
    deployment: Deployment,
) -> None:
    moved = _booted(deployment, "moved")
    host = str(_row(deployment, moved).host)
    stays = _booted(deployment, "stays", zone=f"nova:{host}")
    agent = _agent_of(deployment, host)
    deployment.cloud.send(agent.name, signal.SIGSTOP)
    try:
        until(lambda: _is_down(deployment, host), _TOLD_S)
        epoch = _epoch(deployment, host)
        # At once where the service is down; until then it is refused.
        until(lambda: deployment.client.act(moved, "evacuate", {}).ok, _TOLD_S)
        until(lambda: deployment.client.status(moved) == "ACTIVE", _TOLD_S)
        until(lambda: _row(deployment, moved).task_state is None, _TOLD_S)
        before, new_host = _facts(deployment, moved), str(_row(deployment, moved).host)
        assert new_host != host
        assert _guests(deployment, moved) == sorted([host, new_host])
        assert _epoch(deployment, host) > epoch
    finally:
        deployment.cloud.send(agent.name, signal.SIGCONT)

    until(lambda: _guests(deployment, moved) == [new_host], _TOLD_S)
    deployment.wait_for_rest()

    assert _facts(deployment, moved) == before
    assert _guests(deployment, stays) == [host]
    assert "no longer counts; asking for it again" in deployment.log(agent.name)
    assert deployment.client.delete(moved).ok
    assert deployment.client.delete(stays).ok


def test_programs_that_were_killed_are_followed_under_their_names_without_a_wait(
    deployment: Deployment,
) -> None:
    killed = [deployment.of(kind)[0] for kind in ("compute", "conductor", "scheduler")]
    host = str(deployment.books.read(lambda db: hosts.hosts_of(db, killed[0].name))[0])
    before = _epoch(deployment, host)

    for child in killed:
        deployment.cloud.send(child.name, signal.SIGKILL)
    deployment.wait_restarted(killed)

    assert _epoch(deployment, host) > before
    said = "".join(deployment.log(child.name) for child in killed)
    assert "waiting for its end" not in said
