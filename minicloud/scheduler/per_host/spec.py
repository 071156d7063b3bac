"""What is wanted, as a plug-in in Nova's shape reads it."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from minicloud.context import RequestContext
from minicloud.scheduler.per_host.records import Record
from minicloud.scheduler.request import Request

_NOTHING_OF: Final[Mapping[str, Any]] = {  # what no request here has
    "numa_topology": None,
    "pci_requests": None,
    "network_metadata": None,
    "request_level_params": None,
    "requested_networks": None,
    "is_bfv": False,
}


class Spec(dict[str, Any]):
    """The attributes are those of Nova's RequestSpec; the items those of `filter_properties`, the
    dictionary that filters were given in the seed era. A copy: writing to it changes no request.
    """

    def __init__(self, request: Request) -> None:
        properties = copy.deepcopy(dict(request.filter_properties))
        wanted = copy.deepcopy(dict(request.request_spec))
        instance = wanted.get("instance_properties") or {}
        flavor = _flavor(wanted.get("instance_type") or {})
        super().__init__(
            {
                "limits": {},
                "scheduler_hints": {},
                **properties,
                "request_spec": {**wanted, "instance_type": flavor},
                "instance_type": flavor,
                "project_id": instance.get("project_id"),
                "memory_mb": request.ram_mb,
                "config_options": {},
                "context": RequestContext(
                    user_id=instance.get("user_id"),
                    project_id=instance.get("project_id"),
                    is_admin=False,
                    overwrite=False,
                ),
            }
        )
        self._attributes: dict[str, Any] = {
            **_NOTHING_OF,
            **_sizes(flavor),
            **_wishes(properties),
            "instance_uuid": request.uuid,
            "project_id": instance.get("project_id"),
            "user_id": instance.get("user_id"),
            "availability_zone": request.availability_zone,
            "num_instances": int(wanted.get("num_instances") or 1),
            "flavor": flavor,
            "image": _image(wanted.get("image") or {}),
            "instance_group": _group(request),
        }

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_attributes"][name]
        except KeyError:
            raise AttributeError(f"a request has no {name!r}") from None

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._attributes

    def obj_attr_is_set(self, name: str) -> bool:
        return name in self._attributes

    def get_scheduler_hint(self, name: str, default: Any = None) -> Any:
        """The one value of a hint, or the list of several."""
        values = self.scheduler_hints.get(name)
        if not values:
            return default
        return values[0] if len(values) == 1 else values


def _flavor(facts: Mapping[str, Any]) -> Record:
    return Record({"extra_specs": {}, **facts, "swap": facts.get("swap_mb", 0)})


def _sizes(flavor: Record) -> dict[str, Any]:
    names = ("vcpus", "memory_mb", "root_gb", "ephemeral_gb", "swap")
    return {name: flavor.get(name, 0) for name in names}


def _image(facts: Mapping[str, Any]) -> Record:
    return Record({"id": None, **facts, "properties": Record(facts.get("properties") or {})})


def _wishes(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that filter_properties has under another name or in another form."""
    hints = properties.get("scheduler_hints") or {}
    destination = properties.get("requested_destination") or {}
    is_requested = any(destination.get(part) for part in ("host", "node"))
    lists = ("force_hosts", "force_nodes", "ignore_hosts")
    return {
        **{name: properties.get(name) or None for name in lists},
        "scheduler_hints": {k: v if isinstance(v, list) else [v] for k, v in hints.items()},
        "requested_destination": _destination(destination) if is_requested else None,
        "retry": _retry(properties["retry"]) if properties.get("retry") else None,
        "limits": Record(dict.fromkeys(("vcpu", "memory_mb", "disk_gb"))),
    }


def _destination(facts: Mapping[str, Any]) -> Record:
    return Record({"cell": None, "aggregates": None, "forbidden_aggregates": None, **facts})


def _retry(facts: Mapping[str, Any]) -> Record:
    tried = [Record(host=host, node=node) for host, node in facts.get("hosts", ())]
    return Record({**facts, "hosts": tried})


def _group(request: Request) -> Record | None:
    if request.group_policy is None:
        return None
    properties = request.filter_properties
    return Record(
        uuid=properties.get("group"),
        policy=request.group_policy,
        policies=[request.group_policy],
        rules=dict(properties.get("group_rules") or {}),
        hosts=request.group_hosts,
    )
