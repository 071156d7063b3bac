"""Every numbered step, before and after: the process dies there, and the cloud comes to rest."""

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
def old() -> list[str]:
    """Servers that the rounds before have left."""
    return []


@pytest.mark.parametrize("place", _places())
def test_killed_there_the_cloud_comes_to_rest(
    deployment: Deployment, old: list[str], place: str
) -> None:
    traffic = Traffic(deployment.client)
    deployment.arm(place)

    traffic.round(old)
    until(lambda: not deployment.is_armed(place), 20, lambda: f"nobody came to {place}")
    deployment.wait_restarted()
    deployment.wait_for_rest()

    check_kept(deployment.client, traffic)
    left = [*old, *traffic.accepted]
    old[:] = _by_status(deployment, left)


def _by_status(deployment: Deployment, uuids: list[str]) -> list[str]:
    """Of those still there a few: what is stopped comes where the next round starts it."""
    statuses = {uuid: deployment.client.status(uuid) for uuid in uuids}
    active = [uuid for uuid in uuids if statuses[uuid] == "ACTIVE"]
    stopped = [uuid for uuid in uuids if statuses[uuid] == "SHUTOFF"]
    surplus = active[5:] + [uuid for uuid in uuids if statuses[uuid] == "ERROR"]
    for uuid in surplus:
        deployment.client.delete(uuid)
    return [*active[:5], *stopped[:1]]
