"""How far a claim may fill a host: what the enabled filters say together."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from minicloud.db.hosts import NO_LIMITS, Limits
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.plugins import Filter
from minicloud.scheduler.request import Request

LOG = logging.getLogger(__name__)
_OWN = ("vcpus", "memory_mb", "disk_gb")


def limits_of(
    hosts: HostTable, request: Request, filters: Sequence[tuple[str, Filter]], place: int
) -> Limits:
    """The smallest of each kind; none where nobody sets one, or that is the host's own.

    A filter sets limits by a method `limits(hosts, request, place)`, which gives numbers under
    names of Limits. They hold where the host was forced and no filter was asked, too.
    """
    found: dict[str, int] = {}
    for name, filter_ in filters:
        for kind, limit in _set_by(name, filter_, hosts, request, place).items():
            found[kind] = min(limit, found.get(kind, limit))
    for kind in _OWN:
        if kind in found and found[kind] == int(hosts.limit(kind)[place]):
            del found[kind]  # the books know it better than a table that may be old
    return Limits(**found) if found else NO_LIMITS


def _set_by(
    name: str, filter_: Any, hosts: HostTable, request: Request, place: int
) -> Mapping[str, int]:
    limits = getattr(filter_, "limits", None)
    if limits is None:
        return {}
    try:
        found: Mapping[str, int] = limits(hosts, request, place)
    except Exception:
        LOG.exception("filter %s failed to set limits; the host's own hold", name)
        return {}
    return found
