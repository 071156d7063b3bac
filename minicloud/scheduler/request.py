"""One instance that wants a host, as filters and weighers see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minicloud.scheduler.json_query import BadQuery, hosts_of, parsed


class Spec(NamedTuple):
    """An extra spec of the flavor: what it names, without the scope, and what it says of it."""

    name: str
    text: str
    is_scoped: bool


@dataclass(frozen=True)
class Request:
    """The structures of the message, and the numbers that every filter needs.

    `request_spec` has image, instance_properties, instance_type, num_instances, instance_uuids;
    `filter_properties` has scheduler_hints, force_hosts, force_nodes, ignore_hosts, retry
    (SEMANTICS section 5).
    """

    uuid: str
    vcpus: int
    ram_mb: int
    disk_mb: int  # root + ephemeral + swap
    disk_gb: int  # root + ephemeral: what is claimed
    request_spec: Mapping[str, Any] = field(default_factory=dict)
    filter_properties: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, uuid: str, request_spec: Mapping[str, Any], filter_properties: Mapping[str, Any]
    ) -> "Request":
        flavor = request_spec["instance_type"]
        disk_gb = flavor["root_gb"] + flavor["ephemeral_gb"]
        return cls(
            uuid=uuid,
            vcpus=flavor["vcpus"],
            ram_mb=flavor["memory_mb"],
            disk_mb=disk_gb * 1024 + flavor["swap_mb"],
            disk_gb=disk_gb,
            request_spec=request_spec,
            filter_properties=filter_properties,
        )

    @property
    def force_hosts(self) -> list[str]:
        return list(self.filter_properties.get("force_hosts") or [])

    @property
    def force_nodes(self) -> list[str]:
        return list(self.filter_properties.get("force_nodes") or [])

    @property
    def ignore_hosts(self) -> list[str]:
        return list(self.filter_properties.get("ignore_hosts") or [])

    @property
    def requested(self) -> tuple[str | None, str | None]:
        """The only host and node to consider, with the filters on."""
        wish = self.filter_properties.get("requested_destination") or {}
        return wish.get("host"), wish.get("node")

    def hint(self, name: str) -> str:
        """The one value of a scheduler hint, or the first of several; empty: not given."""
        value = (self.filter_properties.get("scheduler_hints") or {}).get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        return "" if value is None else str(value)

    def is_hinted(self, name: str) -> bool:
        return bool((self.filter_properties.get("scheduler_hints") or {}).get(name))

    @property
    def same_hosts(self) -> list[str]:
        """Where the servers of the hint `same_host` are; once for each."""
        return list(self.filter_properties.get("same_hosts") or [])

    @property
    def different_hosts(self) -> list[str]:
        """The same for `different_host`."""
        return list(self.filter_properties.get("different_hosts") or [])

    @property
    def named_group_hosts(self) -> list[str]:
        """Where the others are of a group that the hint `group` gives a name only."""
        return list(self.filter_properties.get("named_group_hosts") or [])

    @property
    def is_in_named_group(self) -> bool:
        return self.filter_properties.get("named_group_hosts") is not None

    @property
    def queried_hosts(self) -> Sequence[str]:
        """Those that the hint `query` compares the host's name with."""
        text = self.hint("query")
        try:
            return hosts_of(parsed(text)) if text else ()
        except BadQuery:
            return ()

    @property
    def named_hosts(self) -> list[str]:
        """Every host that may be told from others by its name, each once."""
        retry = self.filter_properties.get("retry") or {}
        host, _node = self.requested
        return list(
            dict.fromkeys(
                (
                    *self.force_hosts,
                    *self.ignore_hosts,
                    *([host] if host else ()),
                    *(tried for tried, _node in retry.get("hosts", ())),
                    *self.group_hosts,
                    *self.same_hosts,
                    *self.different_hosts,
                    *self.named_group_hosts,
                    *self.queried_hosts,
                )
            )
        )

    @property
    def group_policy(self) -> str | None:
        """The policy of the server group that the instance is in."""
        policies = self.filter_properties.get("group_policies")
        return str(policies[0]) if policies else None

    @property
    def group_hosts(self) -> list[str]:
        """The hosts of the group's other members; one entry a member."""
        return list(self.filter_properties.get("group_hosts") or [])

    @property
    def max_server_per_host(self) -> int:
        """How many members of an anti-affinity group one host takes."""
        rules = self.filter_properties.get("group_rules") or {}
        return int(rules.get("max_server_per_host", 1))

    @property
    def availability_zone(self) -> str | None:
        zone = self.request_spec.get("instance_properties", {}).get("availability_zone")
        return str(zone) if zone else None

    @property
    def project_id(self) -> str:
        return str(self.request_spec.get("instance_properties", {}).get("project_id", ""))

    @property
    def flavor_name(self) -> str:
        return str(self.request_spec.get("instance_type", {}).get("name", ""))

    @property
    def image_id(self) -> str | None:
        image = self.request_spec.get("image") or {}
        return image.get("id")

    @property
    def flavor_id(self) -> str:
        return str(self.request_spec.get("instance_type", {}).get("flavorid", ""))

    @property
    def image_properties(self) -> Mapping[str, Any]:
        image = self.request_spec.get("image") or {}
        return image.get("properties") or {}

    def specs_for(self, scope: str) -> list[Spec]:
        """The flavor's extra specs that have this scope, or none."""
        flavor = self.request_spec.get("instance_type", {})
        found = []
        for key, text in (flavor.get("extra_specs") or {}).items():
            first, colon, rest = key.partition(":")
            if not colon:
                found.append(Spec(key, str(text), False))
            elif first == scope:
                found.append(Spec(rest, str(text), True))
        return found
