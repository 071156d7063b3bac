"""Hosts where a claim finds room, for deployments that have no filter for all that is claimed."""

from collections.abc import Sequence
from typing import Final

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.limits import Filters, room
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

# Of each pair one sees to it that hosts are not chosen which the claim refuses.
_SEEN_TO: Final[Sequence[frozenset[str]]] = (
    frozenset({"CoreFilter", "AggregateCoreFilter"}),
    frozenset({"RamFilter", "AggregateRamFilter"}),
    frozenset({"DiskFilter", "AggregateDiskFilter"}),
)


def is_needed(filters: Filters) -> bool:
    """Whether these leave hosts on which a claim fails: the same ones would be chosen for ever."""
    names = {type(filter_).__name__ for _name, filter_ in filters}
    return not all(names & either for either in _SEEN_TO)


class Claimable:
    """Not enabled by name: it comes after the other filters, whose limits hold."""

    def __init__(self, filters: Filters) -> None:
        self._filters = filters

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return room(hosts, request, self._filters)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        fits = room(hosts, request, self._filters)[place]
        return Measure("room for a claim", "room" if fits else "none")
