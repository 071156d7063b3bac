"""The messages that wake are lost, on purpose: the periodic looks bound the delay."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import kombu

from minicloud.cmd.state import State
from minicloud.runtime import ports
from tests.crash.deployment import Deployment, until
from tests.crash.traffic import Traffic, check_kept

# Looked for again after 3 s and a tick, then the host's next look: seconds apart from each other.
BOUND_S = 20.0


def test_no_wake_of_the_api_arrives(deployment: Deployment) -> None:
    traffic = Traffic(deployment.client)

    with _api_without_bus(deployment):
        old = _boot(traffic, 4)
        until(lambda: _all(traffic, old, "ACTIVE"), BOUND_S, lambda: _statuses(traffic, old))
        for uuid, verb in zip(old, ("os-stop", "reboot", "delete", "delete"), strict=True):
            traffic.act(verb, uuid)
        seconds = deployment.wait_for_rest(BOUND_S)
        said = deployment.log("api")

    assert traffic.unknown == [], "no client hears that the bus is away"
    assert "wakes not sent" in said, "it was not away at all"
    assert seconds < BOUND_S
    check_kept(deployment.client, traffic)
    for uuid in old:
        deployment.client.delete(uuid)


def test_no_wake_of_an_agent_arrives(deployment: Deployment) -> None:
    traffic = Traffic(deployment.client)

    with _unrouted(deployment, ["compute.compute-1", "compute.compute-2"]):
        old = _boot(traffic, 4)
        until(lambda: _all(traffic, old, "ACTIVE"), BOUND_S, lambda: _statuses(traffic, old))
        for uuid in old[:2]:
            traffic.delete(uuid)
        until(lambda: _all(traffic, old[:2], "404"), BOUND_S)

    check_kept(deployment.client, traffic)
    for uuid in old:
        deployment.client.delete(uuid)


def _boot(traffic: Traffic, count: int) -> list[str]:
    for _ in range(count):
        traffic.create()
    return list(traffic.accepted)


def _statuses(traffic: Traffic, uuids: list[str]) -> list[str]:
    return [traffic.client.status(uuid) for uuid in uuids]


def _all(traffic: Traffic, uuids: list[str], status: str) -> bool:
    return set(_statuses(traffic, uuids)) == {status}


@contextmanager
def _api_without_bus(deployment: Deployment) -> Iterator[None]:
    """Restart the API with the address of a broker that is not there."""
    files = [_own_file(deployment.cloud.state, child.name) for child in deployment.of("api")]
    before = {file: file.read_text() for file in files}
    dead = f"rabbit://nobody:none@{ports.LOOPBACK}:{ports.free_port()}/"
    for file, text in before.items():
        file.write_text(text.replace("[DEFAULT]\n", f"[DEFAULT]\ntransport_url = {dead}\n"))
        assert dead in file.read_text()
    deployment.wait_restarted(deployment.kill("api", number=signal.SIGKILL))
    try:
        yield
    finally:
        for file, text in before.items():
            file.write_text(text)
        deployment.wait_restarted(deployment.kill("api", number=signal.SIGKILL))


def _own_file(state: State, name: str) -> Path:
    return state.etc / f"{name}.conf"


@contextmanager
def _unrouted(deployment: Deployment, queues: list[str]) -> Iterator[None]:
    """Take the routes to these queues away: the broker drops what is sent to them."""
    address = deployment.option("DEFAULT", "transport_url").replace("rabbit://", "amqp://")
    with kombu.Connection(address) as connection:
        channel = connection.channel()
        for queue in queues:
            channel.queue_unbind(queue, exchange="minicloud", routing_key=queue)
        try:
            yield
        finally:
            for queue in queues:
                channel.queue_bind(queue, exchange="minicloud", routing_key=queue)
