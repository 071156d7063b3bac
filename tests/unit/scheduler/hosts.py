"""Tables of hosts and requests for tests."""

from collections.abc import Mapping, Sequence
from typing import Any

from minicloud.scheduler.contents import Contents
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.scheduler.request import Request

_EMPTY = {
    "vcpus": 16,
    "disk_gb": 100,
    "vcpus_limit": 64,
    "vcpus_used": 0,
    "memory_mb": 8192,
    "memory_mb_limit": 8192,
    "memory_mb_used": 0,
    "disk_gb_limit": 100,
    "disk_gb_used": 0,
    "num_instances": 0,
    "num_io_ops": 0,
    "failed_builds": 0,
}


def table(
    *hosts: dict[str, Any],
    up: set[str] | None = None,
    disabled: tuple[str, ...] = (),
    zones: dict[str, str] | None = None,
    aggregates: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    kinds: Mapping[str, Mapping[str, Any]] | None = None,
    metrics: Mapping[str, Mapping[str, float]] | None = None,
    contents: Contents | None = None,
) -> HostTable:
    """Hosts h1, h2, ... with these facts; the rest of each is empty.

    `zones`, `aggregates` (the metadata of each), `kinds` and `metrics` by host.
    """
    made = HostTable(contents=contents)
    names = [f"h{number}" for number in range(1, len(hosts) + 1)]
    made.update(
        HostFacts(
            name,
            f"n-{name}",
            "agent",
            {**_EMPTY, **facts},
            (kinds or {}).get(name, {}),
            metrics=(metrics or {}).get(name),
        )
        for name, facts in zip(names, hosts, strict=True)
    )
    made.set_alive(set(names) if up is None else up, disabled)
    of_hosts = {name: list(metas) for name, metas in (aggregates or {}).items()}
    for name, zone in (zones or {}).items():
        of_hosts.setdefault(name, []).append({"availability_zone": zone})
    metadata = dict(enumerate(meta for metas in of_hosts.values() for meta in metas))
    ids = iter(metadata)
    made.set_aggregates(
        metadata, {name: [next(ids) for _ in metas] for name, metas in of_hosts.items()}
    )
    return made


def request(
    vcpus: int = 1,
    ram_mb: int = 512,
    root_gb: int = 1,
    zone: str | None = None,
    swap_mb: int = 0,
    **properties: Any,
) -> Request:
    flavor = {
        "vcpus": vcpus,
        "memory_mb": ram_mb,
        "root_gb": root_gb,
        "ephemeral_gb": 0,
        "swap_mb": swap_mb,
    }
    spec = {"instance_type": flavor, "instance_properties": {"availability_zone": zone}}
    return Request.of("u1", spec, properties)
