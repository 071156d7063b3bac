"""Explains a decision: goes through its steps once more, and looks at some hosts closely."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from minicloud.scheduler.explanation import Accepted, Explanation, Refused, Score
from minicloud.scheduler.hosts import Floats, HostTable, Ints, Mask
from minicloud.scheduler.limits import limits_of
from minicloud.scheduler.refusal import CLAIM, ERROR_SUFFIX, WEIGHER_ERROR_SUFFIX, Measure
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, Weighed, weighed, winnowed

LOG = logging.getLogger(__name__)
MOST_TOLD: Final = 100  # hosts
MOST_BYTES: Final = 48 * 1024  # of what is kept, as JSON
_MOST_CHARACTERS: Final = 120  # of one text of a measure
_ACCEPTED: Final = -1
_FAILED: Final = Measure("", "an error, which is in the scheduler's log")


def explain(
    hosts: HostTable,
    request: Request,
    rules: Rules,
    most: int = MOST_TOLD,
    *,
    full: bool = False,
    most_bytes: int | None = None,
    steps: Sequence[tuple[str, Mask]] = (),
) -> Explanation:
    """`most`: of how many hosts there is told one by one, some for each reason. `full`: what no
    filter refused has no room, as the claim found out. `most_bytes`: of the whole as JSON.
    `steps`: those of the choice, where they are known."""
    decision = _Decision(hosts, request, rules, steps or winnowed(hosts, request, rules.filters))
    if full:
        decision.refuse_the_rest(CLAIM)
    explanation = decision.explained(most)
    while most_bytes and most and len(json.dumps(explanation.to_dict())) >= most_bytes:
        most //= 2
        explanation = decision.explained(most)
    return explanation


class _Decision:
    """For each host why it is refused: the place of the reason in `_reasons`."""

    def __init__(
        self,
        hosts: HostTable,
        request: Request,
        rules: Rules,
        steps: Iterable[tuple[str, Mask]],
    ) -> None:
        self._hosts, self._request, self._rules = hosts, request, rules
        self._which = np.full(len(hosts), _ACCEPTED, np.int64)
        self._reasons: list[str] = []
        for reason, left in steps:
            self._refuse(reason, np.flatnonzero(~left))
        self._each: Sequence[Weighed] = ()
        self._left: Ints = np.flatnonzero(self._which == _ACCEPTED)  # best first
        self._total: Floats = np.zeros(self._left.size)
        self._weigh()

    def refuse_the_rest(self, reason: str) -> None:
        self._refuse(reason, self._left)
        self._left = self._left[:0]

    def explained(self, most: int) -> Explanation:
        found = np.bincount(self._which + 1, minlength=len(self._reasons) + 1)
        accepted, *counts = found.tolist()
        *shares, of_best = _shares(most, [*counts, accepted])
        refused: list[Refused] = []
        for place, (reason, share) in enumerate(zip(self._reasons, shares, strict=True)):
            rows = np.flatnonzero(self._which == place)[:share]
            refused += (self._refused(reason, row) for row in rows.tolist())
        return Explanation(
            hosts=len(self._hosts),
            accepted=accepted,
            counts={r: n for r, n in zip(self._reasons, counts, strict=True) if n},
            refused=refused,
            best=[self._accepted(place) for place in range(of_best)],
        )

    def _refuse(self, reason: str, rows: Ints) -> None:
        """Those that nothing refused before."""
        self._which[rows[self._which[rows] == _ACCEPTED]] = len(self._reasons)
        self._reasons.append(reason)

    def _weigh(self) -> None:
        rows = self._left
        total = np.zeros(rows.size)
        each = weighed(self._hosts, self._request, self._rules, rows)
        for one in each:
            self._refuse(one.name + WEIGHER_ERROR_SUFFIX, rows[np.isnan(one.raw)])
            total += one.weighted
        sure = np.flatnonzero(self._which[rows] == _ACCEPTED)
        order = sure[np.argsort(-total[sure], kind="stable")]
        self._each = [_taken(one, order) for one in each]
        self._left, self._total = rows[order], total[order]

    def _refused(self, reason: str, row: int) -> Refused:
        measure = self._measure(reason, row)
        host, node = self._hosts.names[row], self._hosts.nodes[row]
        return Refused(host, node, reason, *map(_short, measure))

    def _accepted(self, place: int) -> Accepted:
        """The one at this place among those that are left, the best first."""
        row = int(self._left[place])
        scores = [_score(one, place) for one in self._each]
        host, node = self._hosts.names[row], self._hosts.nodes[row]
        return Accepted(host, node, _rounded(self._total[place]), scores)

    def _measure(self, reason: str, row: int) -> Measure:
        if reason == CLAIM:
            return _room(self._hosts, self._request, self._rules, row)
        filter_ = dict(self._rules.filters).get(reason)
        if filter_ is None:
            return _unfiltered(self._hosts, self._request, reason, row)
        try:
            return filter_.measured(self._hosts, self._request, row)
        except Exception:
            LOG.exception("filter %s failed to explain itself", reason)
            return _FAILED


def _room(hosts: HostTable, request: Request, rules: Rules, row: int) -> Measure:
    """What a claim asked of the host, and what the limits of host and filters left."""
    limits = limits_of(hosts, request, rules.filters, row)
    asked = {"vcpus": request.vcpus, "memory_mb": request.ram_mb, "disk_gb": request.disk_gb}
    wanted, free = [], []
    for (kind, need), unit in zip(asked.items(), ("VCPUs", "MB", "GB"), strict=True):
        most = limits[kind] if kind in limits else int(hosts.limit(kind)[row])
        wanted.append((need, unit))
        free.append((most - int(hosts.used(kind)[row]), unit))
    if "num_instances" in limits:
        wanted.append((1, "instances"))
        free.append((limits["num_instances"] - int(hosts.num_instances[row]), "instances"))
    if all(has[0] >= needs[0] for has, needs in zip(free, wanted, strict=True)):
        here = hosts.times_in(request.group_hosts)[row]
        return Measure("what its server group allows", f"{here} of its group are there")
    return Measure(*(", ".join(f"{n} {unit}" for n, unit in each) for each in (wanted, free)))


def _unfiltered(hosts: HostTable, request: Request, reason: str, row: int) -> Measure:
    """What was wanted where no filter refused the host."""
    if reason.endswith((ERROR_SUFFIX, WEIGHER_ERROR_SUFFIX)):
        return _FAILED
    host, node = request.requested
    wanted_names: Mapping[str, Sequence[str | None]] = {
        "force_hosts": request.force_hosts,
        "force_nodes": request.force_nodes,
        "requested_host": [host],
        "requested_node": [node],
    }
    if reason not in wanted_names:
        return Measure("any but those to be ignored", "to be ignored")
    return Measure(", ".join(map(str, wanted_names[reason])), "another")


def _shares(most: int, sizes: Sequence[int]) -> list[int]:
    """`most` dealt out to groups of these sizes: who needs less than a fair part leaves the rest
    to the others."""
    shares = [0] * len(sizes)
    left = most
    by_size = sorted(range(len(sizes)), key=sizes.__getitem__)
    for done, place in enumerate(by_size):
        shares[place] = min(sizes[place], -(-left // (len(sizes) - done)))
        left -= shares[place]
    return shares


def _taken(one: Weighed, places: Ints) -> Weighed:
    return Weighed(
        one.name,
        one.raw[places],
        one.normalised[places],
        one.multiplier[places],
        one.weighted[places],
    )


def _score(one: Weighed, place: int) -> Score:
    numbers = one.raw, one.normalised, one.multiplier, one.weighted
    return Score(one.name, *(_rounded(column[place]) for column in numbers))


def _rounded(number: float) -> float:
    return round(float(number), 6)


def _short(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 3] + "..."
