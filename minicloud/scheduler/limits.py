"""How far a claim may fill hosts: what the enabled filters say together.

A filter sets limits by a method `limits(hosts, request, places)`, which gives numbers under names
of db.hosts.Limits. They hold where the host was forced and no filter was asked, too.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from minicloud.scheduler.columns import ALL
from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.plugins import Filter
from minicloud.scheduler.request import Request

LOG = logging.getLogger(__name__)
_OWN: Final[Sequence[str]] = ("vcpus", "memory_mb", "disk_gb")
Filters = Sequence[tuple[str, Filter]]


def limits_of(hosts: HostTable, request: Request, filters: Filters, place: int) -> dict[str, int]:
    """Those of one host that are not its own: these the books know better than an old table."""
    found = _least(hosts, request, filters, slice(place, place + 1))
    limits = {kind: int(limit[0]) for kind, limit in found.items()}
    own: dict[str, int] = {k: int(hosts.limit(k)[place]) for k in _OWN if k in limits}
    return {kind: limit for kind, limit in limits.items() if limit != own.get(kind)}


def room(hosts: HostTable, request: Request, filters: Filters) -> Mask:
    """Where a claim would find room."""
    found = _least(hosts, request, filters, ALL)
    needs = {"vcpus": request.vcpus, "memory_mb": request.ram_mb, "disk_gb": request.disk_gb}
    mask = np.ones(len(hosts), np.bool_)
    for kind, need in needs.items():
        mask &= hosts.used(kind) + need <= found.get(kind, hosts.limit(kind))
    if "num_instances" in found:
        mask &= hosts.num_instances < found["num_instances"]
    return mask


def _least(
    hosts: HostTable, request: Request, filters: Filters, places: slice
) -> Mapping[str, Ints]:
    """The smallest of each kind."""
    found: dict[str, Ints] = {}
    for name, filter_ in filters:
        for kind, limit in _set_by(name, filter_, hosts, request, places).items():
            found[kind] = np.minimum(limit, found.get(kind, limit))
    return found


def _set_by(
    name: str, filter_: Any, hosts: HostTable, request: Request, places: slice
) -> Mapping[str, Ints]:
    limits = getattr(filter_, "limits", None)
    if limits is None:
        return {}
    try:
        found: Mapping[str, Ints] = limits(hosts, request, places)
    except Exception:
        LOG.exception("filter %s failed to set limits; the host's own hold", name)
        return {}
    return found
