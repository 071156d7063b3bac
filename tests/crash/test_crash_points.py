"""Every numbered step, before and after: the process dies there, and the cloud comes to rest."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import zip_longest

import pytest

from tests.crash.deployment import Deployment, until
from tests.crash.traffic import Traffic, check_kept

_API = [f"api.{verb}" for verb in ("create", "delete", "stop", "start", "reboot", "reboot_hard")]
_CONDUCTOR = [f"conductor.{step}" for step in ("take", "refuse", "report", "inventory")]
_COMPUTE = [
    f"compute.{step}"
    for step in ("spawn", "destroy", "power off", "power on", "reboot", "reboot hard", "report")
]
_OTHERS = ["scheduler.claim", "servicegroup.seen"]


def _places() -> list[str]:
    """Taking turns, so that no program dies so often that the supervisor makes it wait."""
    services = [
        [f"{step}:{side}" for step in steps for side in ("before", "after")]
        for steps in (_API, _CONDUCTOR, _COMPUTE, _OTHERS)
    ]
    return [place for turn in zip_longest(*services) for place in turn if place]


@pytest.fixture(scope="module")
def left() -> list[str]:
    """Servers that the rounds before have left."""
    return []


@pytest.mark.parametrize("place", _places())
def test_killed_there_the_cloud_comes_to_rest(
    deployment: Deployment, left: list[str], place: str
) -> None:
    old = _six_servers(deployment, left)
    traffic = Traffic(deployment.client)
    deployment.arm(place)

    with _schedulers_hang(deployment) if place.startswith("conductor.take") else nullcontext():
        traffic.round(old)
        until(lambda: not deployment.is_armed(place), 30, lambda: f"nobody came to {place}")
    deployment.wait_restarted()
    deployment.wait_for_rest()

    check_kept(deployment.client, traffic)
    left[:] = [*old, *traffic.accepted]


@contextmanager
def _schedulers_hang(deployment: Deployment) -> Iterator[None]:
    """What nobody places falls due, and only then conductors take it."""
    deployment.kill("scheduler", number=signal.SIGSTOP)
    try:
        yield
    finally:
        deployment.kill("scheduler", number=signal.SIGCONT)


def _six_servers(deployment: Deployment, left: Sequence[str]) -> list[str]:
    """Five that are ACTIVE and one that is SHUTOFF, as Traffic.round wants them."""
    client = deployment.client
    statuses = {uuid: client.status(uuid) for uuid in left}
    active = [uuid for uuid in left if statuses[uuid] == "ACTIVE"]
    stopped = [uuid for uuid in left if statuses[uuid] == "SHUTOFF"]
    active += [_boot(deployment) for _ in range(5 + (not stopped) - len(active))]
    if not stopped:
        stopped = [active.pop()]
        client.act(stopped[0], "os-stop")
        until(lambda: client.status(stopped[0]) == "SHUTOFF", 30)
    kept = [*active[:5], stopped[0]]
    for uuid in set(left) - set(kept):
        client.delete(uuid)
    return kept


def _boot(deployment: Deployment) -> str:
    uuid = str(deployment.client.create("old").json()["server"]["id"])
    until(lambda: deployment.client.status(uuid) == "ACTIVE", 30)
    return uuid
