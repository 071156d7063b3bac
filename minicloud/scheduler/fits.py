"""How many more of a request fit, if they came one after the other until one is refused.

What a host says depends on what is on it, not on what is on the others. So the hosts need not be
filled in the order in which a stream of requests would fill them: all of them take one at a time,
together, until each has refused, and the sum is the same. Only a group that keeps its members
together binds hosts to one another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.limits import room
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, admitted, finalists, weighable

_AFFINITY: Final = "affinity"
_ANTI_AFFINITY: Final = "anti-affinity"
_MOST_CELLS: Final = 20_000_000  # rows looked at, all rounds together: a second or two
_MOST_HOSTS: Final = 1_000  # that are named


@dataclass(frozen=True)
class Fits:
    """`count` more fit; not `exact`: at least so many, counting took too long.

    `most`: so many where it depends on which of the equally good hosts is taken first.
    `hosts`: how many on which host, most first; `more_hosts` are not named.
    """

    count: int
    exact: bool = True
    most: int | None = None
    hosts: Sequence[tuple[str, int]] = ()
    more_hosts: int = 0


def fits(hosts: HostTable, request: Request, rules: Rules) -> Fits:
    """`hosts` is used up: hand in a copy."""
    together = _is_first_of_many(request, rules)
    first = finalists(hosts, request, rules) if together else []
    counts, exact = _filled(hosts, request, rules)
    if first:  # all others follow the first one
        alone = np.zeros_like(counts)
        least = min(first, key=lambda place: int(counts[place]))
        alone[least] = counts[least]
        most = max(int(counts[place]) for place in first)
        told = _told(hosts, alone, exact)
        return replace(told, most=most) if most > told.count else told
    return _told(hosts, counts, exact)


def _is_first_of_many(request: Request, rules: Rules) -> bool:
    """Whether the host of this one is that of all who come after it."""
    if request.group_policy == _AFFINITY:
        return not request.group_hosts
    named = any(name == "GroupAffinityFilter" for name, _filter in rules.filters)
    return named and request.is_in_named_group and not request.named_group_hosts


def _filled(hosts: HostTable, request: Request, rules: Rules) -> tuple[Ints, bool]:
    """How many each host takes before it refuses, and whether all of them came to that.

    Of a group that keeps together each host is filled as if it were its only one.
    """
    counts = np.zeros(len(hosts), np.int64)
    left = np.ones(len(hosts), np.bool_)
    weighed = _weighed(hosts, request, rules)
    for _round in range(max(_MOST_CELLS // max(len(hosts), 1), 1)):
        mask, _counts = admitted(hosts, request, rules)
        left &= mask & claimable(hosts, request, rules)
        taking = left if left.sum() < 2 else left & weighed  # a host alone is not weighed
        if not taking.any():
            return counts, True
        counts += taking
        hosts.take_each(taking, request)
        request = with_members(request, [hosts.names[place] for place in np.flatnonzero(taking)])
    return counts, False


def claimable(hosts: HostTable, request: Request, rules: Rules) -> Mask:
    """Where a claim would succeed, whatever else the filters say."""
    mask = room(hosts, request, rules.filters)
    if request.group_policy == _AFFINITY and request.group_hosts:
        mask &= hosts.mask_of(request.group_hosts)
    if request.group_policy == _ANTI_AFFINITY:
        mask &= hosts.times_in(request.group_hosts) < request.max_server_per_host
    return mask


def _weighed(hosts: HostTable, request: Request, rules: Rules) -> Mask:
    """All but those that a weigher fails for, which are refused."""
    mask = np.ones(len(hosts), np.bool_)
    first, _counts = admitted(hosts, request, rules)
    sure, _weight = weighable(hosts, request, rules)
    first[sure] = False
    mask[first] = False
    return mask


def with_members(request: Request, hosts: Sequence[str]) -> Request:
    """The same where its group has a member on each of these hosts as well, as far as it matters
    to who is admitted: how many there are counts for one policy alone."""
    told: Mapping[str, Any] = request.filter_properties
    more: dict[str, Any] = {}
    if request.is_in_named_group:
        more["named_group_hosts"] = list(dict.fromkeys([*request.named_group_hosts, *hosts]))
    if request.group_policy == _AFFINITY:
        more["group_hosts"] = list(dict.fromkeys([*request.group_hosts, *hosts]))
    if request.group_policy == _ANTI_AFFINITY:
        more["group_hosts"] = [*request.group_hosts, *hosts]
    return replace(request, filter_properties={**told, **more}) if more else request


def _told(hosts: HostTable, counts: Ints, exact: bool) -> Fits:
    taking = np.flatnonzero(counts)
    order = taking[np.argsort(-counts[taking], kind="stable")]
    named = [(hosts.names[place], int(counts[place])) for place in order[:_MOST_HOSTS]]
    return Fits(int(counts.sum()), exact, None, named, max(order.size - _MOST_HOSTS, 0))
