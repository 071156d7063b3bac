"""Every action on a server, and who carries it out dies on the way: it is done all the same."""

import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import requests

from tests.crash.client import Client
from tests.crash.deployment import Deployment, until


@dataclass(frozen=True, eq=False)
class Act:
    """An action by its key, where it ends, and who dies on the way (`api.` and `compute.`)."""

    key: str
    ends: str
    api: str
    compute: str = ""
    argument: Any = None

    def places(self, side: str) -> list[str]:
        compute = [f"compute.{self.compute}:{side}"] if self.compute else []
        return [f"api.{self.api}:{side}", *compute]


_SIDES = ("before", "after")
_TRIES = 4

# Two servers go through these side by side; each begins where the one before ended.
_AT_HOME = (
    Act("pause", "PAUSED", "pause", "pause"),
    Act("unpause", "ACTIVE", "unpause"),
    Act("suspend", "SUSPENDED", "suspend", "suspend"),
    Act("resume", "ACTIVE", "resume"),
    Act("rescue", "RESCUE", "rescue", "rescue"),
    Act("unrescue", "ACTIVE", "unrescue", "unrescue"),
    Act("rebuild", "ACTIVE", "rebuild", "rebuild", {"imageRef": Client.IMAGE}),
    Act("createImage", "ACTIVE", "create_image", "snapshot", {"name": "saved"}),
    Act(
        "createBackup",
        "ACTIVE",
        "create_backup",
        "snapshot",
        {"name": "saved", "backup_type": "daily", "rotation": 1},
    ),
    Act("changePassword", "ACTIVE", "change_password", "set password", {"adminPass": "secret"}),
    Act("lock", "ACTIVE", "lock"),
    Act("unlock", "ACTIVE", "unlock"),
    Act("forceDelete", "404", "force_delete"),
)
_ON_A_GUEST = _AT_HOME[:10]
_AWAY = (
    Act("resize", "VERIFY_RESIZE", "resize", "", {"flavorRef": "84"}),
    Act("revertResize", "ACTIVE", "revert_resize"),
    Act("resize", "VERIFY_RESIZE", "resize", "", {"flavorRef": "84"}),
    Act("confirmResize", "ACTIVE", "confirm_resize"),
    Act("migrate", "VERIFY_RESIZE", "migrate"),
    Act("revertResize", "ACTIVE", "revert_resize"),
    Act(
        "os-migrateLive",
        "ACTIVE",
        "live_migrate",
        "",
        {"host": None, "block_migration": "auto"},
    ),
    Act("shelve", "SHELVED", "shelve", "shelve"),
    Act("unshelve", "ACTIVE", "unshelve_here"),
    Act("shelve", "SHELVED", "shelve"),
    Act("shelveOffload", "SHELVED_OFFLOADED", "shelve_offload"),
    Act("unshelve", "ACTIVE", "unshelve"),
    Act("os-resetState", "ACTIVE", "reset_state", "", {"state": "active"}),
)


def test_every_action_is_done_whoever_dies(deployment: Deployment) -> None:
    """What is given up, since its host was away for too long, is asked for again."""
    chains = {_boot(deployment): _AT_HOME, _boot(deployment): _AWAY}

    for number in range(len(_AT_HOME)):
        acts = {uuid: chain[number] for uuid, chain in chains.items()}
        for part in _apart(acts):
            _round(deployment, part, number)
    deployment.client.delete(list(chains)[1])


def test_every_act_on_a_guest_is_done_also_if_its_agent_dies_on_the_other_side(
    deployment: Deployment,
) -> None:
    uuid = _boot(deployment)

    for number, act in enumerate(_ON_A_GUEST, start=1):
        _round(deployment, {uuid: act}, number)
    deployment.client.delete(uuid)


def _apart(acts: Mapping[str, Act]) -> list[Mapping[str, Act]]:
    """Not side by side where agents are to die over each: they may be one, which dies once, and
    finds the other act done in its next life."""
    if all(act.compute for act in acts.values()):
        return [{uuid: act} for uuid, act in acts.items()]
    return [acts]


def _round(deployment: Deployment, acts: Mapping[str, Act], number: int) -> None:
    """Sides take turns, so that no host is away for so long that it counts as down."""
    side = _SIDES[number % 2]
    places = [place for act in acts.values() for place in act.places(side)]
    for place in places:
        deployment.arm(place)
    for _ in range(_TRIES):
        left = [uuid for uuid, act in acts.items() if not _is_done(deployment, uuid, act, side)]
        if not left:
            break  # done since it was last looked at
        _together([partial(_ask, deployment.client, uuid, acts[uuid]) for uuid in left])
        deployment.wait_for_rest()
        if all(_is_done(deployment, uuid, act, side) for uuid, act in acts.items()):
            break
        deployment.wait_restarted()

    assert [place for place in places if deployment.is_armed(place)] == []
    ends = {act.key: deployment.client.status(uuid) for uuid, act in acts.items()}
    assert ends == {act.key: act.ends for act in acts.values()}


def _is_done(deployment: Deployment, uuid: str, act: Act, side: str) -> bool:
    """Whoever was to die has died, and the server is where it was to be."""
    armed = any(deployment.is_armed(place) for place in act.places(side))
    return not armed and deployment.client.status(uuid) == act.ends


def _together(works: Sequence[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for one in [pool.submit(work) for work in works]:
            one.result()


@pytest.mark.parametrize("side", _SIDES)
def test_a_host_that_is_back_after_an_evacuation_is_cleaned_up(
    deployment: Deployment, side: str
) -> None:
    place = f"conductor.cleaned:{side}"
    uuid = _boot(deployment, zone="nova:node1")
    deployment.arm(place)
    deployment.arm(f"api.evacuate:{side}")

    deployment.cloud.send("compute-1", signal.SIGSTOP)
    try:
        evacuate = Act("evacuate", "ACTIVE", "evacuate", argument={})
        _ask(deployment.client, uuid, evacuate, not_yet=400)
        until(lambda: _host(deployment, uuid) in ("node3", "node4"), 30)
    finally:
        deployment.cloud.send("compute-1", signal.SIGCONT)
    _until_none_is_armed(deployment, {place, f"api.evacuate:{side}"})
    deployment.wait_restarted()
    deployment.wait_for_rest()

    assert deployment.client.status(uuid) == "ACTIVE"
    deployment.client.delete(uuid)


def _ask(client: Client, uuid: str, act: Act, not_yet: int = 0) -> None:
    """Until it is answered; a client that was not answered and then reads 409 has been heard."""
    unanswered: list[Any] = []

    def done() -> bool:
        try:
            answer = client.act(uuid, act.key, _argument(client, act))
        except requests.RequestException as error:
            unanswered.append(error)
            return False
        if answer.status_code >= 500 or answer.status_code == not_yet:
            unanswered.append(answer.text)
            return False
        heard = unanswered and (answer.status_code == 404 or "while it is in" in answer.text)
        assert answer.ok or heard, (act.key, answer.text)
        return True

    until(done, 30, lambda: unanswered[-1:])


def _argument(client: Client, act: Act) -> Any:
    if isinstance(act.argument, Mapping):
        return {k: client.image if v == Client.IMAGE else v for k, v in act.argument.items()}
    return act.argument


def _until_none_is_armed(deployment: Deployment, places: set[str]) -> None:
    def armed() -> list[str]:
        return sorted(place for place in places if deployment.is_armed(place))

    until(lambda: not armed(), 30, lambda: f"nobody came to {armed()}")


def _boot(deployment: Deployment, zone: str | None = None) -> str:
    made = deployment.client.create("old", zone=zone)
    uuid = str(made.json()["server"]["id"])
    until(lambda: deployment.client.status(uuid) == "ACTIVE", 30)
    return uuid


def _host(deployment: Deployment, uuid: str) -> str:
    server: Callable[[], Any] = deployment.client.show(uuid).json
    return str(server()["server"]["OS-EXT-SRV-ATTR:host"])
