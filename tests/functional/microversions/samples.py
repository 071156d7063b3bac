"""Requests with a field more, for each field that comes or goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.functional.image_rows import IMAGE
from tests.functional.microversions.world import KEY

_NOBODY: Final = "/servers/aaaaaaaa-0000-4000-8000-00000000dead"


@dataclass(frozen=True)
class Samples:
    """`around`: what the body holds besides, by version. `key`: what all of it is in."""

    path: str
    key: str
    fields: Mapping[str, Any]
    around: Callable[[int], Mapping[str, Any]] = lambda version: {}
    verb: str = "POST"
    since: int = 1  # before it anything could be said, and meant nothing

    def request(self, field: str, version: int) -> tuple[str, str, Any]:
        name, _, inner = field.partition(".")
        value = self.fields[field]
        if inner:
            value = {inner: value} if name == "rules" else [{inner: value}]
        held = {**self.around(version), name: value}
        return self.verb, self.path, {self.key: held} if self.key else held


def _server(version: int) -> Mapping[str, Any]:
    """It cannot be made: there is no such flavor."""
    networks = {"networks": "auto"} if version >= 37 else {}
    return {"name": "x", "flavorRef": "no", "imageRef": IMAGE, **networks}


def _group(version: int) -> Mapping[str, Any]:
    word = "anti-affinity"
    return {"name": "x", **({"policy": word} if version >= 64 else {"policies": [word]})}


def _unshelving(version: int) -> Mapping[str, Any]:
    return {"availability_zone": "nova"} if version < 91 else {}


def _live(version: int) -> Mapping[str, Any]:
    over = {"disk_over_commit": False} if version < 25 else {}
    return {"host": None, "block_migration": False, **over}


def _evacuation(version: int) -> Mapping[str, Any]:
    return {"onSharedStorage": False} if version < 14 else {}


def _order(version: int) -> Mapping[str, Any]:
    return {"host": "node3", "binary": "nova-compute"} if version < 53 else {}


_ACT: Final = f"{_NOBODY}/action"
_RESOURCES: Final = (
    *("fixed_ips", "floating_ips", "security_groups", "security_group_rules"),
    *("injected_files", "injected_file_content_bytes", "injected_file_path_bytes"),
)
_FLAVOR: Final = {"name": "x", "ram": 1, "vcpus": 1, "disk": 1, "id": "f"}  # there is one
_PAIR: Final = {"name": "k", "public_key": KEY}  # there is one

SAMPLES: Final = {
    "POST /servers": Samples(
        "/servers",
        "server",
        {
            "description": "d",
            "networks.tag": "t",
            "block_device_mapping_v2.tag": "t",
            "block_device_mapping_v2.volume_type": "t",
            "tags": ["t"],
            "personality": [],
            "trusted_image_certificates": ["c"],
            "host": "node1",
            "hypervisor_hostname": "node1",
            "hostname": "host",
        },
        _server,
    ),
    "PUT /servers/{server_id}": Samples(
        _NOBODY,
        "server",
        {"description": "d", "hostname": "host", "pinned_availability_zone": None},
        verb="PUT",
    ),
    "rebuild": Samples(
        _ACT,
        "rebuild",
        {
            "description": "d",
            "key_name": "k",
            "personality": [],
            "user_data": None,
            "trusted_image_certificates": ["c"],
            "hostname": "host",
        },
        lambda version: {"imageRef": IMAGE},
    ),
    "evacuate": Samples(_ACT, "evacuate", {"onSharedStorage": False, "force": False}, _evacuation),
    "os-migrateLive": Samples(
        _ACT, "os-migrateLive", {"disk_over_commit": False, "force": False}, _live
    ),
    "lock": Samples(_ACT, "lock", {"locked_reason": "r"}, since=73),
    "migrate": Samples(_ACT, "migrate", {"host": "node1"}, since=56),
    "unshelve": Samples(
        _ACT, "unshelve", {"availability_zone": "nova", "host": "node1"}, _unshelving, since=77
    ),
    "POST /os-keypairs": Samples(
        "/os-keypairs", "keypair", {"type": "ssh", "user_id": "alice"}, lambda version: _PAIR
    ),
    "PUT /os-services/{service_id}": Samples(
        "/os-services/{service}",
        "",
        {"forced_down": False, "host": "node3", "binary": "nova-compute", "status": "enabled"},
        _order,
        verb="PUT",
    ),
    "POST /flavors": Samples(
        "/flavors", "flavor", {"description": "d", "rxtx_factor": 1.0}, lambda version: _FLAVOR
    ),
    "POST /os-server-groups": Samples(
        "/os-server-groups",
        "server_group",
        {
            "policies": ["anti-affinity"],
            "policy": "anti-affinity",
            "rules": {},
            "rules.max_server_per_host": 1,
        },
        _group,
    ),
    "PUT /os-quota-sets/{project_id}": Samples(
        "/os-quota-sets/p2", "quota_set", dict.fromkeys(_RESOURCES, 5), verb="PUT"
    ),
    "PUT /os-quota-class-sets/{name}": Samples(
        "/os-quota-class-sets/c", "quota_class_set", dict.fromkeys(_RESOURCES, 5), verb="PUT"
    ),
}
