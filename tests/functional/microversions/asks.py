"""How each thing that the API shows is asked for, at every version that has it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from minicloud.api.versions import MAX
from tests.functional.image_rows import IMAGE
from tests.functional.microversions.world import KEY, World

Pick = Callable[[Any, World], Any]
_S: Final = "/servers/{server}"


@dataclass(frozen=True)
class Ask:
    """`thing`: as history names it. `body` may depend on the version; `pick` finds the thing."""

    thing: str
    verb: str
    path: str
    pick: Pick
    body: Callable[[int], Any] = lambda version: None
    since: int = 1
    until: int = MAX
    before: Callable[[World], None] = lambda world: None
    after: Callable[[World, Any], None] = lambda world, answer: None
    users: tuple[str, ...] = ("admin",)

    def __str__(self) -> str:
        return f"{self.thing}: {self.verb} {self.path}"

    def asked(self, world: World, version: int, user: str) -> Any:
        """The thing."""
        self.before(world)
        path = self.path.format(**world.names)
        answer = world.told(self.verb, path, self.body(version), version, user=user)
        self.after(world, answer)
        return self.pick(answer, world)


def _in(*keys: str | int) -> Pick:
    def pick(answer: Any, _world: World) -> Any:
        for key in keys:
            answer = answer[key]
        return answer

    return pick


def _one_of(key: str, field: str, name: str) -> Pick:
    """Of a list that one whose field is the world's name for it."""

    def pick(answer: Any, world: World) -> Any:
        (found,) = (one for one in answer[key] if one[field] == world.names.get(name, name))
        return found

    return pick


def _whole(answer: Any, _world: World) -> Any:
    return answer


def _always(body: Any) -> Callable[[int], Any]:
    return lambda version: body


def _rest(world: World) -> None:
    world.rest(world.names["server"])


def _delete(path: str, *keys: str) -> Callable[[World, Any], None]:
    def delete(world: World, answer: Any) -> None:
        ref = answer
        for key in keys:
            ref = ref[key]
        world.told("DELETE", path.format(ref))

    return delete


def _new_server(version: int) -> Any:
    networks = {"networks": "auto"} if version >= 37 else {}
    server = {"name": "new", "flavorRef": "f", "imageRef": IMAGE, **networks}
    return {"server": server}


def _new_group(version: int) -> Any:
    policy = {"policy": "affinity"} if version >= 64 else {"policies": ["affinity"]}
    return {"server_group": {"name": "n", **policy}}


def _evacuation(version: int) -> Any:
    return {"evacuate": {"onSharedStorage": False} if version < 14 else {}}


def _strand(world: World) -> None:
    world.rest(world.names["stranded"])
    world.force_down("node2", down=True)


def _rescue(world: World, _answer: Any) -> None:
    world.rest(world.names["stranded"])
    world.force_down("node2", down=False)


_BOTH: Final = ("admin", "alice")
_F: Final = {"flavor": {"name": "n", "id": "n", "ram": 1, "vcpus": 1, "disk": 1}}
_PAIR: Final = {"keypair": {"name": "n", "public_key": KEY}}
_ORDER: Final = {"host": "node3", "binary": "nova-compute"}
_A: Final = "/os-aggregates/{aggregate}"
_TOKENS: Final = "/os-console-auth-tokens/{token}"
_ACT: Final = _S + "/action"


def _look(world: World) -> None:
    """Open a console, and remember its token."""
    wanted = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    path = f"/servers/{world.names['server']}/remote-consoles"
    url = world.told("POST", path, wanted, 6)["remote_console"]["url"]
    world.names["token"] = url.partition("token=")[2]


def _servers() -> Iterator[Ask]:
    listed = _one_of("servers", "id", "server")
    yield Ask("server", "GET", _S, _in("server"), users=_BOTH)
    yield Ask("server-listed", "GET", "/servers/detail", listed, users=_BOTH)
    yield Ask("server-brief", "GET", "/servers", listed, users=_BOTH)
    rename = _always({"server": {"name": "vm"}})
    yield Ask("server-changed", "PUT", _S, _in("server"), rename, before=_rest, users=_BOTH)
    rebuild = _always({"rebuild": {"imageRef": IMAGE}})
    rebuilt = {"before": _rest, "after": lambda world, _: _rest(world), "users": _BOTH}
    yield Ask("server-rebuilt", "POST", _ACT, _in("server"), rebuild, **rebuilt)  # type: ignore[arg-type]
    gone = _delete("/servers/{}", "server", "id")
    yield Ask("server-created", "POST", "/servers", _in("server"), _new_server, after=gone)
    yield Ask("fault", "GET", "/servers/{failed}", _in("server", "fault"), users=_BOTH)
    yield Ask("addresses", "GET", _S + "/ips", _in("addresses"), users=_BOTH)
    nic = ("interfaceAttachments", 0)
    yield Ask("interface", "GET", _S + "/os-interface", _in(*nic), users=_BOTH)
    yield Ask("diagnostics", "GET", _S + "/diagnostics", _whole)
    yield Ask("topology", "GET", _S + "/topology", _whole, since=78)


def _actions() -> Iterator[Ask]:
    password = _always({"rescue": None})
    yield Ask("rescued", "POST", _ACT, _whole, password, before=_rest)
    image = _always({"createImage": {"name": "i"}})
    yield Ask("saved", "POST", _ACT, _whole, image, before=_rest)
    backup = _always({"createBackup": {"name": "i", "backup_type": "d", "rotation": 9}})
    yield Ask("saved", "POST", _ACT, _whole, backup, before=_rest)
    away = "/servers/{stranded}/action"
    yield Ask("evacuated", "POST", away, _whole, _evacuation, before=_strand, after=_rescue)
    old = _always({"os-getVNCConsole": {"type": "novnc"}})
    yield Ask("console", "POST", _ACT, _in("console"), old, until=5, before=_rest)
    new = _always({"remote_console": {"protocol": "vnc", "type": "novnc"}})
    path = _S + "/remote-consoles"
    picked = _in("remote_console")
    yield Ask("remote-console", "POST", path, picked, new, since=6, before=_rest)
    yield Ask("console-token", "GET", _TOKENS, _in("console"), since=31, before=_look)


def _logs() -> Iterator[Ask]:
    actions = _S + "/os-instance-actions"
    listed = _in("instanceActions", -1)
    yield Ask("action-listed", "GET", actions, listed, users=_BOTH)
    yield Ask("action", "GET", actions + "/{request}", _in("instanceAction"), users=_BOTH)
    yield Ask("migration", "GET", "/os-migrations?status=running", _in("migrations", 0))
    moves = _S + "/migrations"
    yield Ask("server-migration", "GET", moves, _in("migrations", 0), since=23)
    yield Ask("server-migration", "GET", moves + "/{migration}", _in("migration"), since=23)


def _flavors() -> Iterator[Ask]:
    yield Ask("flavor", "GET", "/flavors/{flavor}", _in("flavor"), users=_BOTH)
    listed = _one_of("flavors", "id", "flavor")
    yield Ask("flavor", "GET", "/flavors/detail", listed, users=_BOTH)
    yield Ask("flavor-brief", "GET", "/flavors", listed, users=_BOTH)
    gone = _delete("/flavors/{}", "flavor", "id")
    yield Ask("flavor", "POST", "/flavors", _in("flavor"), _always(_F), after=gone)
    text = _always({"flavor": {"description": None}})
    yield Ask("flavor", "PUT", "/flavors/{flavor}", _in("flavor"), text, since=55)


def _key_pairs() -> Iterator[Ask]:
    yield Ask("keypair", "GET", "/os-keypairs/{keypair}", _in("keypair"), users=_BOTH)
    listed = _in("keypairs", 0, "keypair")
    yield Ask("keypair-listed", "GET", "/os-keypairs", listed, users=_BOTH)
    gone = _delete("/os-keypairs/{}", "keypair", "name")
    pair = _always(_PAIR)
    yield Ask("keypair-created", "POST", "/os-keypairs", _in("keypair"), pair, after=gone)


def _hosts() -> Iterator[Ask]:
    yield Ask("service", "GET", "/os-services", _in("services", 0))
    orders = _in("service")
    order = _always(_ORDER)
    yield Ask("service-changed", "PUT", "/os-services/enable", orders, order, until=52)
    state = _always({"status": "enabled"})
    yield Ask("service-changed", "PUT", "/os-services/{service}", orders, state, since=53)
    hypervisor = _one_of("hypervisors", "hypervisor_hostname", "node1")
    yield Ask("hypervisor", "GET", "/os-hypervisors/detail", hypervisor)
    yield Ask("hypervisor", "GET", "/os-hypervisors/1", _in("hypervisor"), until=52)
    path = "/os-hypervisors/{hypervisor_node1}"
    yield Ask("hypervisor", "GET", path, _in("hypervisor"), since=53)
    yield Ask("hypervisor-brief", "GET", "/os-hypervisors", hypervisor)
    yield Ask("hypervisor-brief", "GET", "/os-hypervisors/node1/search", hypervisor, until=52)
    path = "/os-hypervisors?with_servers=true"
    yield Ask("hypervisor-empty", "GET", path, _in("hypervisors", -1), since=53)
    numbers = _in("hypervisor_statistics")
    yield Ask("statistics", "GET", "/os-hypervisors/statistics", numbers, until=87)
    yield Ask("host", "GET", "/os-hosts", _in("hosts", 0), until=42)
    zones = _in("availabilityZoneInfo", 0)
    yield Ask("zone", "GET", "/os-availability-zone", zones, users=_BOTH)


def _aggregates() -> Iterator[Ask]:
    yield Ask("aggregate", "GET", _A, _in("aggregate"))
    yield Ask("aggregate", "GET", "/os-aggregates", _in("aggregates", 0))
    rename = _always({"aggregate": {"name": "a"}})
    yield Ask("aggregate", "PUT", _A, _in("aggregate"), rename)
    meta = _always({"set_metadata": {"metadata": {"b": "c"}}})
    yield Ask("aggregate", "POST", _A + "/action", _in("aggregate"), meta)
    new = _always({"aggregate": {"name": "n"}})
    gone = _delete("/os-aggregates/{}", "aggregate", "id")
    yield Ask("aggregate-created", "POST", "/os-aggregates", _in("aggregate"), new, after=gone)


def _groups() -> Iterator[Ask]:
    path, shown = "/os-server-groups", _in("server_group")
    yield Ask("server-group", "GET", path + "/{group}", shown, users=_BOTH)
    yield Ask("server-group", "GET", path + "?all_projects=1", _in("server_groups", 0))
    gone = _delete(path + "/{}", "server_group", "id")
    yield Ask("server-group", "POST", path, shown, _new_group, after=gone)


def _quotas() -> Iterator[Ask]:
    yield Ask("limits", "GET", "/limits", _in("limits", "absolute"), users=_BOTH)
    path, shown = "/os-quota-sets/{project}", _in("quota_set")
    yield Ask("quota-set", "GET", path, shown, users=_BOTH)
    yield Ask("quota-set", "GET", path + "/defaults", shown, users=_BOTH)
    yield Ask("quota-set-detail", "GET", path + "/detail", shown)
    more = _always({"quota_set": {"cores": 99}})
    yield Ask("quota-set-changed", "PUT", path, shown, more)
    path, shown = "/os-quota-class-sets/default", _in("quota_class_set")
    yield Ask("quota-class-set", "GET", path, shown)
    more = _always({"quota_class_set": {"cores": 99}})
    yield Ask("quota-class-set-changed", "PUT", path, shown, more)
    path = "/os-simple-tenant-usage"
    window = "?start=2020-01-01T00:00:00"
    yield Ask("usage", "GET", path + "/{project}" + window, _in("tenant_usage"), users=_BOTH)
    yield Ask("usage-listed", "GET", path + window, _in("tenant_usages", 0))


def _that_never_change() -> Iterator[Ask]:
    image = _in("image")
    yield Ask("image", "GET", "/images/{image}", image, until=35, users=_BOTH)
    yield Ask("image", "GET", "/images/detail", _in("images", 0), until=35, users=_BOTH)
    yield Ask("image-brief", "GET", "/images", _in("images", 0), until=35, users=_BOTH)
    resource = _in("host", 0, "resource")
    yield Ask("host-resource", "GET", "/os-hosts/{host}", resource, until=42)
    zones = _in("availabilityZoneInfo", 0)
    yield Ask("zone-detail", "GET", "/os-availability-zone/detail", zones)
    log = _in("instance_usage_audit_logs")
    yield Ask("usage-audit", "GET", "/os-instance_usage_audit_log", log)
    yield Ask("extension", "GET", "/extensions/OS-DCF", _in("extension"), users=_BOTH)
    project = _always({"addTenantAccess": {"tenant": "p2"}})
    access = _in("flavor_access", 0)
    yield Ask("flavor-access", "POST", "/flavors/{private}/action", access, project, after=_leave)
    servers = _in("hypervisors", 0)
    path = "/os-hypervisors/node1/servers"
    yield Ask("hypervisor-servers", "GET", path, servers, until=52)
    port = _in("interfaceAttachment")
    yield Ask("interface", "GET", _S + "/os-interface/{port}", port, users=_BOTH)


def _leave(world: World, _answer: Any) -> None:
    path = f"/flavors/{world.names['private']}/action"
    world.told("POST", path, {"removeTenantAccess": {"tenant": "p2"}})


ASKS: Final = (
    *_that_never_change(),
    *_servers(),
    *_actions(),
    *_logs(),
    *_flavors(),
    *_key_pairs(),
    *_hosts(),
    *_aggregates(),
    *_groups(),
    *_quotas(),
)
