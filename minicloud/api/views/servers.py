"""Servers as Nova shows them, by version."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from minicloud import instance_states
from minicloud.api.policies import servers as policies
from minicloud.api.policy import Policy
from minicloud.api.request import ApiRequest, Links
from minicloud.api.versions import Since
from minicloud.api.views import decisions
from minicloud.api.views.moments import precise, with_z
from minicloud.db.models import Instance
from minicloud.instance_states import VmState
from minicloud.zones.base import ServerView

_WITH_PROGRESS: Final = frozenset(
    {"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"}
)
_WITH_FAULT: Final = frozenset({"ERROR", "DELETED"})
_EXTENDED: Final = "OS-EXT-SRV-ATTR:"
CODE: Final = "minicloud:code"
REASONS: Final = "minicloud:reasons"
_USER_DATA: Final = _EXTENDED + "user_data"


@dataclass(frozen=True)
class Shape:
    """What one request gets to see; found out once, not for each server."""

    version: int
    links: Links
    is_admin: bool
    extended: bool
    host_status: Callable[[str], str | None]
    flavor_specs: bool

    @property
    def user_data(self) -> bool:
        return self.extended and self.version >= Since.EXTENDED_ATTRIBUTES

    @classmethod
    def of(cls, req: ApiRequest, policy: Policy) -> "Shape":
        context, version = req.context, req.version
        return cls(
            version,
            req.links,
            context.is_admin,
            policy.allows(context, policies.EXTENDED),
            _host_status(req, policy),
            version >= Since.EMBEDDED_FLAVOR and policy.allows(context, policies.FLAVOR_SPECS),
        )


def _host_status(req: ApiRequest, policy: Policy) -> Callable[[str], str | None]:
    if req.version < Since.HOST_STATUS:
        return lambda status: None
    if policy.allows(req.context, policies.HOST_STATUS):
        return lambda status: status
    if policy.allows(req.context, policies.HOST_STATUS_UNKNOWN):
        return lambda status: status if status == "UNKNOWN" else None
    return lambda status: None


def brief(row: Instance, links: Links) -> dict[str, Any]:
    return {
        "id": row.uuid,
        "name": row.display_name,
        "links": links.of("servers", row.uuid),
    }


def basic(view: ServerView, shape: Shape) -> dict[str, Any]:
    """What a change of a server answered before 2.75."""
    row = view.row
    reached = {} if row.vm_state == VmState.BUILDING else plain_addresses(row)
    return _common(view, shape, reached)


def _common(
    view: ServerView, shape: Shape, reached: Mapping[str, Any], *, alone: bool = False
) -> dict[str, Any]:
    row = view.row
    status = instance_states.status(row.vm_state, row.task_state)
    server = {
        "id": row.uuid,
        "name": row.display_name,
        "links": shape.links.of("servers", row.uuid),
        "status": status,
        "tenant_id": row.project_id,
        "user_id": row.user_id,
        "metadata": row.meta,
        "hostId": host_id(row.project_id, row.host),
        "image": _image(view, shape),
        "flavor": _flavor(row, shape),
        "created": row.created_at,
        "updated": row.updated_at,
        "addresses": reached,
        "accessIPv4": row.access_ip_v4 or "",
        "accessIPv6": row.access_ip_v6 or "",
        "OS-DCF:diskConfig": row.disk_config or "MANUAL",
    }
    if status in _WITH_PROGRESS:
        server["progress"] = 100 if status == "ACTIVE" else 0
    if status in _WITH_FAULT and view.fault is not None:
        server["fault"] = _fault(view, shape, alone=alone)
    if shape.version >= Since.LOCKED:
        server["locked"] = row.locked_by is not None
    if shape.version >= Since.DESCRIPTION:
        server["description"] = row.display_description
    if shape.version >= Since.TAGS:
        server["tags"] = view.tags
    if shape.version >= Since.TRUSTED_CERTIFICATES:
        server["trusted_image_certificates"] = None
    if shape.version >= Since.LOCKED_REASON:
        server["locked_reason"] = row.locked_reason if row.locked_by else None
    if shape.version >= Since.HINTS_SHOWN:
        server["scheduler_hints"] = view.hints
    return server


def changed(view: ServerView, shape: Shape) -> dict[str, Any]:
    """What an update of the server answers."""
    if shape.version >= Since.STRICT:
        return detail(view, shape, alone=True)
    return basic(view, shape) | _group(view, shape)


def rebuilt(view: ServerView, shape: Shape) -> dict[str, Any]:
    """What a rebuild answers, without the password."""
    server = changed(view, shape)
    server.pop(_USER_DATA, None)
    if shape.version >= Since.KEY_ON_REBUILD:
        server["key_name"] = view.row.key_name
    if shape.version >= Since.PERSONALITY_GONE:
        server["user_data"] = view.user_data
    return server


def detail(view: ServerView, shape: Shape, *, alone: bool = False) -> dict[str, Any]:
    """`alone`: shown by itself, not in a list."""
    row = view.row
    reached = {} if row.vm_state == VmState.BUILDING else addresses(row)
    server = _common(view, shape, reached, alone=alone)
    server["key_name"] = row.key_name
    server["config_drive"] = "True" if row.config_drive else ""
    server["OS-EXT-AZ:availability_zone"] = view.zone_of_host or row.availability_zone or ""
    server["OS-EXT-STS:task_state"] = instance_states.shown(row.task_state)
    server["OS-EXT-STS:vm_state"] = row.vm_state
    server["OS-EXT-STS:power_state"] = row.power_state
    server["OS-SRV-USG:launched_at"] = precise(row.launched_at)
    server["OS-SRV-USG:terminated_at"] = precise(row.terminated_at)
    server["os-extended-volumes:volumes_attached"] = []
    if view.security_groups:
        server["security_groups"] = [{"name": name} for name in view.security_groups]
    if shape.extended:
        _add_extended(server, view, shape)
    elif shape.version >= Since.HOSTNAME:
        server[_EXTENDED + "hostname"] = row.hostname
    host_status = shape.host_status(view.host_status)
    if host_status is not None:
        server["host_status"] = host_status
    if alone:
        server |= _group(view, shape)
    if shape.version >= Since.PINNED_ZONE:
        server["pinned_availability_zone"] = row.availability_zone
    return server


def _group(view: ServerView, shape: Shape) -> dict[str, Any]:
    if shape.version < Since.SERVER_GROUPS_SHOWN:
        return {}
    return {"server_groups": [view.group] if view.group else []}


def _add_extended(server: dict[str, Any], view: ServerView, shape: Shape) -> None:
    row = view.row
    server[_EXTENDED + "host"] = row.host
    server[_EXTENDED + "hypervisor_hostname"] = row.node
    server[_EXTENDED + "instance_name"] = f"instance-{row.id:08x}"
    if shape.version < Since.EXTENDED_ATTRIBUTES:
        return
    server[_EXTENDED + "reservation_id"] = row.reservation_id
    server[_EXTENDED + "launch_index"] = row.launch_index
    server[_EXTENDED + "hostname"] = row.hostname
    server[_EXTENDED + "kernel_id"] = ""
    server[_EXTENDED + "ramdisk_id"] = ""
    server[_EXTENDED + "root_device_name"] = "/dev/vda"
    server[_USER_DATA] = view.user_data


def addresses(row: Instance) -> dict[str, list[dict[str, Any]]]:
    """By the name of the network."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for nic in row.addresses or ():
        shown.setdefault(nic["label"], []).append(
            {
                "addr": nic["address"],
                "version": nic["version"],
                "OS-EXT-IPS:type": "fixed",
                "OS-EXT-IPS-MAC:mac_addr": nic["mac"],
            }
        )
    return shown


def plain_addresses(row: Instance) -> dict[str, list[dict[str, Any]]]:
    """Addresses and versions alone."""
    return {
        label: [{"version": one["version"], "addr": one["addr"]} for one in ones]
        for label, ones in addresses(row).items()
    }


def _image(view: ServerView, shape: Shape) -> dict[str, Any] | str:
    row = view.row
    if row.image_ref is None:
        return ""
    image: dict[str, Any] = {
        "id": row.image_ref,
        "links": [shape.links.bookmark("images", row.image_ref)],
    }
    if shape.version >= Since.IMAGE_PROPERTIES:
        image["properties"] = view.image_properties
    return image


def _flavor(row: Instance, shape: Shape) -> dict[str, Any]:
    """The copy that the server was made from."""
    flavor = row.flavor
    if shape.version < Since.EMBEDDED_FLAVOR:
        ref = str(flavor["flavorid"])
        return {"id": ref, "links": [shape.links.bookmark("flavors", ref)]}
    shown = {
        "original_name": flavor["name"],
        "vcpus": flavor["vcpus"],
        "ram": flavor["memory_mb"],
        "disk": flavor["root_gb"],
        "ephemeral": flavor.get("ephemeral_gb", 0),
        "swap": flavor.get("swap_mb", 0),
    }
    if shape.flavor_specs:
        shown["extra_specs"] = flavor.get("extra_specs") or {}
    return shown


def _fault(view: ServerView, shape: Shape, *, alone: bool) -> dict[str, Any]:
    """With a code for programs and, of a refusal, the reasons: neither names a host."""
    fault = view.fault
    assert fault is not None
    shown = {
        "code": fault.code,
        "message": fault.message,
        "created": with_z(fault.created_at),
        CODE: fault.machine_code,
    }
    details = fault.details or {}
    if details.get("counts"):
        shown[REASONS] = decisions.reasons(details)
    if alone and view.explanation:
        details = {**details, "explanation": view.explanation}
    if shape.is_admin and details:
        shown["details"] = orjson.dumps(details).decode()
    return shown


@lru_cache(10_000)
def host_id(project_id: str, host: str | None) -> str:
    """Tells a project whether two of its servers share a host, and nothing more."""
    return hashlib.sha224(f"{project_id}{host}".encode()).hexdigest() if host else ""
