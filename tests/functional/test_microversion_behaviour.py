"""What a version does otherwise with the same request: just before it, and from it on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pytest

from minicloud.api.history import HISTORY
from minicloud.api.versions import MAX
from tests.functional.image_rows import IMAGE
from tests.functional.microversions.world import KEY, World
from tests.functional.server_rows import read


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


@dataclass(frozen=True)
class Request:
    """`before` and `after`: statuses; 0 for an empty list of servers."""

    version: int
    verb: str
    path: str
    before: int
    after: int
    body: Any = None
    user: str = "admin"
    then: tuple[str, str] = ("", "")  # verb and path of what makes it undone

    def __str__(self) -> str:
        body = "" if callable(self.body) else self.body or ""
        return f"2.{self.version} {self.verb} {self.path} {body}"[:90]


def _event(name: str, **more: str) -> Callable[[World], Any]:
    def body(world: World) -> Any:
        return {"events": [{"name": name, "server_uuid": world.names["server"], **more}]}

    return body


_MANY: Final = {f"key{n}": "v" for n in range(200)}
_S: Final = "/servers/{server}"
_EVENTS: Final = "/os-server-external-events"
_SPECS: Final = "/flavors/{flavor}/os-extra_specs"
_GROUPS: Final = "/os-server-groups"
_LIVE: Final = {"os-migrateLive": {"host": None, "block_migration": "auto"}}
_PAIR: Final = {"keypair": {"name": "p@x.y", "public_key": KEY}}
_NEW: Final = {"server": {"name": "n", "flavorRef": "f", "imageRef": IMAGE}}
_MKS: Final = {"remote_console": {"protocol": "mks", "type": "webmks"}}
_DIRECT: Final = {"remote_console": {"protocol": "spice", "type": "spice-direct"}}
_NO_ZONE: Final = {"unshelve": {"availability_zone": None}}

# In a body that is refused by its schema the answer is 400, and by its sense 4000: see _outcome.
REQUESTS: Final = (
    Request(2, "POST", "/os-keypairs", 200, 201, {"keypair": {"name": "q", "public_key": KEY}},
            then=("DELETE", "/os-keypairs/q")),
    Request(5, "GET", "/servers?ip6=nowhere", 200, 0, user="alice"),
    Request(7, "POST", "/flavors/f/action", 200, 409, {"addTenantAccess": {"tenant": "p9"}}),
    Request(8, "POST", _S + "/remote-consoles", 400, 4000, _MKS),
    Request(15, "POST", _GROUPS, 400, 200,
            {"server_group": {"name": "n", "policies": ["soft-affinity"]}}),
    Request(21, "GET", "/servers/{deleted}/os-instance-actions", 404, 200),
    Request(25, "POST", _S + "/action", 400, 202, _LIVE),
    Request(31, "GET", "/os-console-auth-tokens/{token}", 401, 200),
    Request(37, "POST", "/servers", 202, 400, _NEW),
    Request(38, "GET", "/servers?status=nonsense", 200, 400),
    Request(39, "POST", _S + "/action", 403, 202,
            {"createImage": {"name": "i", "metadata": _MANY}}),
    Request(51, "POST", _EVENTS, 400, 200, _event("volume-extended")),
    Request(53, "GET", "/os-hypervisors/1", 200, 404),
    Request(53, "GET", "/os-hypervisors/{hypervisor_node1}", 404, 200),
    Request(66, "GET", "/servers?changes-before=nonsense", 200, 400),
    Request(73, "GET", "/servers?locked=true", 200, 0, user="alice"),
    Request(75, "GET", "/servers?sort_key=user_data", 200, 400),
    Request(75, "GET", "/servers?nonsense=1", 200, 400),
    Request(76, "POST", _EVENTS, 400, 200, _event("power-update", tag="POWER_ON")),
    Request(82, "POST", _EVENTS, 400, 200, _event("accelerator-request-bound")),
    Request(83, "GET", "/servers?vm_state=paused", 200, 0, user="alice"),
    Request(86, "POST", _SPECS, 200, 400, {"extra_specs": {"hw:cpu_policy": "nonsense"}}),
    Request(90, "GET", "/servers?hostname=nowhere", 200, 0, user="alice"),
    Request(91, "POST", _S + "/action", 400, 202, _NO_ZONE),
    Request(92, "POST", "/os-keypairs", 400, 201, _PAIR, then=("DELETE", "/os-keypairs/p@x.y")),
    Request(92, "POST", "/os-keypairs", 201, 400, {"keypair": {"name": "r"}},
            then=("DELETE", "/os-keypairs/r")),
    Request(93, "POST", _EVENTS, 400, 200, _event("volume-reimaged")),
    Request(94, "PUT", _S, 400, 200, {"server": {"hostname": "a.b.example"}}),
    Request(99, "POST", _S + "/remote-consoles", 400, 4000, _DIRECT),
    Request(102, "GET", "/flavors/{flavor}?nonsense=1", 200, 400),
)  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_version_does_otherwise_from_its_number_on(world: World, request_: Request) -> None:
    asked = request_
    ends = {15: 63, 25: 29, 37: 37}.get(asked.version, MAX)  # the body is another one afterwards

    before = _outcome(world, asked, asked.version - 1)
    after = [_outcome(world, asked, version) for version in (asked.version, ends)]

    assert (before, after) == (asked.before, 2 * [asked.after])


def _outcome(world: World, asked: Request, version: int) -> int:
    _prepare(world, asked)
    body = asked.body(world) if callable(asked.body) else asked.body
    path = asked.path.format(**world.names)
    reply = world.ask(asked.verb, path, body, version, asked.user)
    verb, undo = asked.then
    if verb and reply.status_int < 300:
        world.told(verb, undo)
    if reply.status_int == 400 and b"Unavailable console type" in reply.body:
        return 4000
    if reply.status_int == 200 and asked.user == "alice":
        return 200 if orjson.loads(reply.body)["servers"] else 0
    status: int = reply.status_int
    return status


def _prepare(world: World, asked: Request) -> None:
    """The server at rest, in the state that the action is for."""
    shelved = asked.body is _NO_ZONE
    world.rest(world.names["server"], vm_state="shelved_offloaded" if shelved else "active")
    if "{deleted}" in asked.path and "deleted" not in world.names:
        world.names["deleted"] = world.told("POST", "/servers", _NEW)["server"]["id"]
        world.told("DELETE", f"/servers/{world.names['deleted']}")
    if "{token}" in asked.path:
        wanted = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
        path = f"/servers/{world.names['server']}/remote-consoles"
        url = world.told("POST", path, wanted, 6)["remote_console"]["url"]
        world.names["token"] = url.partition("token=")[2]


@pytest.mark.parametrize(("version", "rests"), [(94, "active"), (95, "stopped"), (MAX, "stopped")])
def test_from_2_95_a_server_that_is_evacuated_stays_off(
    world: World, version: int, rests: str
) -> None:
    ref = world.names["stranded"]
    world.rest(ref)
    world.force_down("node2", down=True)

    world.told("POST", f"/servers/{ref}/action", {"evacuate": {}}, version)

    assert read(world.database, ref).old_vm_state == rests


def test_every_entry_of_the_history_is_tried() -> None:
    tried = {asked.version for asked in REQUESTS} | {95}

    untried = [
        number
        for number, change in HISTORY.items()
        if not (change.routes or change.bodies or change.queries or change.answers)
        and not (change.statuses or (change.nothing and not change.names))
        and number not in tried
    ]
    assert untried == []
