"""Whole services, the broker and the database fail amid traffic; hosts die for good."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash import rest
from tests.crash.deployment import Deployment, until
from tests.crash.traffic import Traffic, check_kept

SLOW = {"fake:spawn_s": "3"}


@contextmanager
def going_on(traffic: Traffic, seconds: float) -> Iterator[None]:
    """Boots and deletes without a pause while the body runs, and for `seconds` at least."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.is_set():
            traffic.create_and_delete()
            traffic.create()
            stopping.wait(0.2)

    clients = [threading.Thread(target=work) for _ in range(3)]
    for client in clients:
        client.start()
    try:
        began = time.monotonic()
        yield
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))
    finally:
        stopping.set()
        for client in clients:
            client.join(120)
    assert not any(client.is_alive() for client in clients), "a client hangs"


def clear(deployment: Deployment, traffic: Traffic) -> None:
    """Leave the room to the next test."""
    for uuid in traffic.accepted:
        deployment.client.delete(uuid)


def forget_failed_builds(deployment: Deployment) -> None:
    """Hosts on which a build failed come last; one that succeeds makes up for it."""
    traffic = Traffic(deployment.client)
    for number in range(1, 5):
        traffic.create(zone=f"nova:node{number}")
    deployment.wait_for_rest()
    assert set(_statuses(deployment, traffic)) == {"ACTIVE"}
    clear(deployment, traffic)
    deployment.wait_for_rest()


@pytest.mark.parametrize("service", ["api", "conductor", "scheduler", "compute"])
def test_all_processes_of_a_service_killed_at_once(deployment: Deployment, service: str) -> None:
    traffic = Traffic(deployment.client)

    with going_on(traffic, seconds=3):
        killed = deployment.kill(service)
        deployment.wait_restarted(killed)
        until(lambda: len(traffic.accepted) > 5, 90)
    deployment.wait_for_rest()

    check_kept(deployment.client, traffic)
    clear(deployment, traffic)


def test_all_programs_killed_at_once(deployment: Deployment) -> None:
    traffic = Traffic(deployment.client)

    with going_on(traffic, seconds=3):
        killed = deployment.kill("api", "conductor", "scheduler", "compute")
        deployment.wait_restarted(killed)
    deployment.wait_for_rest()

    check_kept(deployment.client, traffic)
    clear(deployment, traffic)


def _killed(deployment: Deployment) -> None:
    deployment.wait_restarted(deployment.kill("rabbitmq"))


def _restarted(deployment: Deployment) -> None:
    deployment.cloud.call("restart", "rabbitmq")


@pytest.mark.parametrize("outage", [_killed, _restarted])
def test_the_broker_goes_and_comes_back(
    deployment: Deployment, outage: Callable[[Deployment], None]
) -> None:
    traffic = Traffic(deployment.client)
    programs = [c.pid for word in ("api", "conductor", "compute") for c in deployment.of(word)]

    with going_on(traffic, seconds=3):
        outage(deployment)
    deployment.wait_for_rest()

    check_kept(deployment.client, traffic)
    assert traffic.unknown == [], "a client never waits for the bus, and hears of no outage"
    now = [c.pid for word in ("api", "conductor", "compute") for c in deployment.of(word)]
    assert now == programs, "they reconnect by themselves"
    clear(deployment, traffic)


def test_after_an_outage_of_the_broker_boots_are_quick_again(deployment: Deployment) -> None:
    deployment.wait_restarted(deployment.kill("rabbitmq"))
    deployment.wait_for_rest()
    traffic = Traffic(deployment.client)
    traffic.create()

    until(lambda: deployment.client.status(traffic.accepted[0]) == "ACTIVE", 15)

    clear(deployment, traffic)


def test_the_database_killed_and_back(deployment: Deployment) -> None:
    traffic = Traffic(deployment.client)

    with going_on(traffic, seconds=4):
        deployment.wait_restarted(deployment.kill("mariadb"))
    deployment.wait_restarted()
    deployment.wait_for_rest()

    check_kept(deployment.client, traffic)
    clear(deployment, traffic)


def test_an_agent_that_dies_while_it_spawns(deployment: Deployment) -> None:
    traffic = Traffic(deployment.client)
    before = {child.name: child.restarts for child in deployment.of("compute")}

    traffic.create({"fake:die": "*", "fake:spawn_s": "0.3"})
    until(lambda: _restarts(deployment) > sum(before.values()), 20)
    deployment.wait_restarted()
    deployment.wait_for_rest()

    assert deployment.client.status(traffic.accepted[0]) in {"ACTIVE", "ERROR"}
    check_kept(deployment.client, traffic)
    clear(deployment, traffic)


def _restarts(deployment: Deployment) -> int:
    return sum(child.restarts for child in deployment.of("compute"))


def test_a_host_dead_in_mid_spawn_loses_the_instance_to_another(deployment: Deployment) -> None:
    traffic = Traffic(deployment.client)
    forget_failed_builds(deployment)
    for _ in range(8):
        traffic.create(SLOW)
    until(lambda: all(_hosts(deployment, traffic.accepted)), 20)
    assert {"node1", "node2"} & set(_hosts(deployment, traffic.accepted))
    deployment.arm("conductor.abandon:before")
    deployment.arm("conductor.abandon:after")

    dead = deployment.cloud.send("compute-1", signal.SIGSTOP)
    try:
        until(lambda: set(_hosts(deployment, traffic.accepted)) <= {"node3", "node4"}, 60)
        until(lambda: set(_statuses(deployment, traffic)) == {"ACTIVE"}, 30)
    finally:
        deployment.cloud.send("compute-1", signal.SIGCONT)
    deployment.wait_restarted()
    deployment.wait_for_rest()  # what the dead one made after all is destroyed

    assert deployment.cloud.child("compute-1").pid == dead.pid
    assert not deployment.is_armed("conductor.abandon:before")
    assert not deployment.is_armed("conductor.abandon:after")
    assert set(_hosts(deployment, traffic.accepted)) <= {"node3", "node4"}
    clear(deployment, traffic)


def test_deleted_while_its_host_is_dead_it_goes_when_the_host_returns(
    deployment: Deployment,
) -> None:
    traffic = Traffic(deployment.client)
    for zone in ("nova:node1", "nova:node2", "nova:node3"):
        traffic.create(zone=zone)
    deployment.wait_for_rest()
    on_dead = traffic.accepted[:2]

    deployment.cloud.send("compute-1", signal.SIGSTOP)
    try:
        for uuid in on_dead:
            traffic.delete(uuid)
        until(lambda: {deployment.client.status(uuid) for uuid in on_dead} == {"404"}, 30)
        left_behind = {uuid for _host, uuid in rest.guests(_guest_files(deployment))}
        assert set(on_dead) <= left_behind
    finally:
        deployment.cloud.send("compute-1", signal.SIGCONT)
    deployment.wait_for_rest()

    assert not {uuid for _host, uuid in rest.guests(_guest_files(deployment))} & set(on_dead)
    clear(deployment, traffic)


def test_claims_never_had_to_be_corrected(deployment: Deployment) -> None:
    """The audit is for books that people changed by hand: no crash may need it."""
    log = deployment.log("conductor")

    assert [line for line in log.splitlines() if "corrected to" in line] == []


def _hosts(deployment: Deployment, uuids: list[str]) -> list[str]:
    """Where they are; an empty word for those without a host."""
    shown = [deployment.client.show(uuid).json()["server"] for uuid in uuids]
    return [str(server["OS-EXT-SRV-ATTR:host"] or "") for server in shown]


def _statuses(deployment: Deployment, traffic: Traffic) -> list[str]:
    return [deployment.client.status(uuid) for uuid in traffic.accepted]


def _guest_files(deployment: Deployment) -> Path:
    return deployment.cloud.state.data / "guests"
