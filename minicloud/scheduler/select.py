"""The choice of a host: a function of the hosts, the request and the dice."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minicloud.runtime.dice import Dice
from minicloud.scheduler.hosts import Floats, HostTable, Ints, Mask
from minicloud.scheduler.judgement import asked, judged
from minicloud.scheduler.plugins import Filter, Weigher
from minicloud.scheduler.refusal import ERROR_SUFFIX, WEIGHER_ERROR_SUFFIX, Refusal
from minicloud.scheduler.request import Request

LOG = logging.getLogger(__name__)
SAME = 1e-9  # weights that differ by less are equal
_MOST = 1e100  # of a value or multiplier: sums of them, and differences, are numbers


@dataclass(frozen=True)
class Rules:
    """What a deployment chooses by."""

    filters: Sequence[tuple[str, Filter]]
    weighers: Sequence[tuple[str, Weigher]]
    subset_size: int = 1
    shuffle_best: bool = True
    by_chance: bool = False  # the claim alone finds out who has no room

    @property
    def want_contents(self) -> bool:
        """Whether a plug-in looks at what runs on the hosts; it has `wants_contents` then."""
        return any(getattr(one, "wants_contents", False) for _, one in self.filters) or any(
            getattr(one, "wants_contents", False) for _, one in self.weighers
        )


@dataclass(frozen=True)
class Weighed:
    """What one weigher made of the hosts that were left: a number for each, in every array.

    NaN in `raw`, `normalised` and `weighted`: it failed for that host.
    """

    name: str
    raw: Floats
    normalised: Floats
    multiplier: Floats
    weighted: Floats


def ranked(
    hosts: HostTable, request: Request, rules: Rules, dice: Dice, most: int
) -> list[int] | Refusal:
    """The place of the host to take, and up to `most` - 1 to take instead of it, best first; or
    why there is none (SEMANTICS section 6).

    Each is what would be chosen if those before it were not there. A claim that finds the first
    full takes the next that has room, in the same transaction (db/claims.py).
    """
    steps = list(winnowed(hosts, request, rules.filters))
    mask, counts = _counted(hosts, steps)
    left = np.flatnonzero(mask)
    weight = np.zeros(left.size)
    if left.size > 1:
        each = weighed(hosts, request, rules, left)
        left, weight = _weighable(left, each, counts)
    if not left.size:
        waiting = counts.get("ComputeFilter", 0) > 0 and bool((hosts.enabled & hosts.lately).any())
        counts = {reason: count for reason, count in counts.items() if count}
        return Refusal(len(hosts), counts, waiting, steps=steps)
    found: list[int] = []
    while left.size > 1 and len(found) < most:
        at = _best(weight, rules, dice)
        found.append(int(left[at]))
        left, weight = np.delete(left, at), np.delete(weight, at)
    return found if len(found) == most else [*found, int(left[0])]


def finalists(hosts: HostTable, request: Request, rules: Rules) -> list[int]:
    """The places among which the dice decide; none where the request is refused."""
    left, weight = weighable(hosts, request, rules)
    if left.size < 2:
        return [int(place) for place in left]
    order = np.argsort(-weight, kind="stable")
    best = np.zeros(left.size, np.bool_)
    best[order[: rules.subset_size]] = True
    if rules.shuffle_best:
        best |= weight >= weight.max() - SAME
    return [int(place) for place in left[best]]


def weighable(
    hosts: HostTable, request: Request, rules: Rules, sizes: Ints | None = None
) -> tuple[Ints, Floats]:
    """The places that are left to choose from, and their weights.

    `sizes`: how many hosts each row stands for. One row of several is there twice: alike as they
    are these hosts are weighed, which a host alone is not, and a weigher may fail for them.
    """
    left = np.flatnonzero(admitted(hosts, request, rules)[0])
    if left.size == 1 and sizes is not None and sizes[left[0]] > 1:
        left = np.repeat(left, 2)
    if left.size < 2:
        return left, np.zeros(left.size)
    return _weighable(left, weighed(hosts, request, rules, left), {})


def admitted(hosts: HostTable, request: Request, rules: Rules) -> tuple[Mask, dict[str, int]]:
    """The hosts that may take the request, and how many were refused for each reason."""
    return _counted(hosts, winnowed(hosts, request, rules.filters))


def _counted(hosts: HostTable, steps: Iterable[tuple[str, Mask]]) -> tuple[Mask, dict[str, int]]:
    mask, left, counts = np.ones(len(hosts), np.bool_), len(hosts), {}
    for reason, mask in steps:
        before, left = left, int(mask.sum())
        counts[reason] = before - left
    return mask, counts


def passing(hosts: HostTable, request: Request, rules: Rules) -> Mask | None:
    """The same hosts, of a request that names none; None where a filter fails."""
    mask = np.ones(len(hosts), np.bool_)
    try:
        for _name, filter_ in rules.filters:
            mask &= asked(filter_, hosts, request)
    except Exception:  # it is told where reasons are
        return None
    return mask


def weighed(hosts: HostTable, request: Request, rules: Rules, left: Ints) -> list[Weighed]:
    """What each weigher that counts makes of the hosts at the places `left`.

    Its values go to 0..1 by (x - min) / (max - min), all 0 when they are equal, and are multiplied
    by its multiplier for that host (SEMANTICS section 10). Fewer than two hosts are not weighed.
    """
    if left.size < 2:
        return []
    asked = []
    for name, weigher in rules.weighers:
        multiplier, raw = _asked(hosts, request, name, weigher, left)
        if multiplier.any():
            asked.append((name, weigher, multiplier, raw))
    sure = np.ones(left.size, np.bool_)
    for _name, _weigher, _multiplier, raw in asked:
        sure &= ~np.isnan(raw)
    found = []
    for name, weigher, multiplier, raw in asked:
        normalised = np.full(left.size, np.nan)
        normalised[sure] = _normalised(raw[sure], weigher)
        found.append(Weighed(name, raw, normalised, multiplier, multiplier * normalised))
    return found


def _asked(
    hosts: HostTable, request: Request, name: str, weigher: Weigher, left: Ints
) -> tuple[Floats, Floats]:
    """The multipliers, and the values if they count for any host; NaN where there is none."""
    try:
        one_by_one: Any = getattr(weigher, "weigh_among", None)
        if one_by_one is not None:
            multiplier, values = one_by_one(hosts, request, left)
        else:
            every, raw = raw_of(hosts, request, weigher)
            multiplier, values = every[left], raw[left]
    except Exception:
        LOG.exception("weigher %s failed; it refuses every host", name)
        return np.ones(left.size), np.full(left.size, np.nan)
    return _tamed(multiplier, values)


def raw_of(
    hosts: HostTable, request: Request, weigher: Weigher, *, are_all: bool = True
) -> tuple[Floats, Floats]:
    """The multipliers of all hosts, and the values; zeros where no multiplier counts.

    `are_all`: no others are weighed with these, for which it may count.
    """
    multiplier, told = np.zeros(len(hosts)), weigher.multipliers(hosts)
    multiplier[:] = told
    if not ((told.any() or not are_all) if isinstance(told, np.ndarray) else told):
        return multiplier, multiplier
    values = np.asarray(weigher.weigh(hosts, request), np.float64)
    if values.shape != multiplier.shape:
        raise ValueError(f"values of the shape {values.shape} for {len(hosts)} hosts")
    if _is_tame(multiplier) and _is_tame(values):
        return multiplier, values
    return _tamed(multiplier, values)


def _is_tame(values: Floats) -> bool:
    return not values.size or -_MOST < values.min() <= values.max() < _MOST


def _tamed(multiplier: Floats, values: Floats) -> tuple[Floats, Floats]:
    """NaN for a value where either is no number, and nothing without measure."""
    sure = np.isfinite(values) & np.isfinite(multiplier)
    multiplier, values = np.clip(multiplier, -_MOST, _MOST), np.clip(values, -_MOST, _MOST)
    return np.where(sure, multiplier, 1.0), np.where(sure, values, np.nan)


def clipped(values: Floats, weigher: Weigher) -> Floats:
    """Within the weigher's own bounds."""
    if weigher.minimum is not None:
        values = np.maximum(values, weigher.minimum)
    return values if weigher.maximum is None else np.minimum(values, weigher.maximum)


def _normalised(values: Floats, weigher: Weigher) -> Floats:
    if not values.size:
        return values
    values, minimum, maximum = clipped(values, weigher), weigher.minimum, weigher.maximum
    low = values.min() if minimum is None else minimum
    span = (values.max() if maximum is None else maximum) - low
    return (values - low) / span if span else np.zeros_like(values)


def _weighable(left: Ints, each: Sequence[Weighed], counts: dict[str, int]) -> tuple[Ints, Floats]:
    """The hosts that every weigher could weigh, and their weights; the others are counted."""
    sure, total = np.ones(left.size, np.bool_), np.zeros(left.size)
    for one in each:
        total += one.weighted
        failed = sure & np.isnan(one.raw)
        if failed.any():
            counts[one.name + WEIGHER_ERROR_SUFFIX] = int(failed.sum())
            sure &= ~failed
    return left[sure], total[sure]


def winnowed(
    hosts: HostTable, request: Request, filters: Sequence[tuple[str, Filter]]
) -> Iterator[tuple[str, Mask]]:
    """Why hosts are refused, one reason after the other, and the hosts left after each."""
    mask = np.ones(len(hosts), np.bool_)
    for reason, left in _named(hosts, request, mask):
        mask = left
        yield reason, left
    if not (request.force_hosts or request.force_nodes):
        yield from _filtered(hosts, request, filters, mask)


def _named(hosts: HostTable, request: Request, mask: Mask) -> Iterator[tuple[str, Mask]]:
    """What is left when hosts are named: to be ignored, or to be the only ones."""
    if request.ignore_hosts:
        mask = mask & ~hosts.mask_of(request.ignore_hosts)
        yield "ignore_hosts", mask
    host, node = request.requested
    for option, names, of in (
        ("force_hosts", request.force_hosts, hosts.mask_of),
        ("force_nodes", request.force_nodes, hosts.mask_of_nodes),
        ("requested_host", [host] if host else [], hosts.mask_of),
        ("requested_node", [node] if node else [], hosts.mask_of_nodes),
    ):
        if names:
            mask = mask & of(names)
            yield option, mask


def _filtered(
    hosts: HostTable, request: Request, filters: Sequence[tuple[str, Filter]], mask: Mask
) -> Iterator[tuple[str, Mask]]:
    for name, filter_ in filters:
        if not mask.any():
            return
        mask, failed = judged(name, filter_, hosts, request, mask)
        yield name, mask | failed
        if failed.any():
            yield name + ERROR_SUFFIX, mask


def _best(weight: Floats, rules: Rules, dice: Dice) -> int:
    """Where in `weight` the one to take is."""
    best = np.flatnonzero(weight >= weight.max() - SAME)
    if rules.subset_size <= 1:
        return int(best[dice.randrange(best.size) if rules.shuffle_best else 0])
    order = np.argsort(-weight, kind="stable")
    if rules.shuffle_best:
        order = np.concatenate([_shuffled(best, dice), order[~np.isin(order, best)]])
    return int(order[dice.randrange(min(rules.subset_size, order.size))])


def _shuffled(places: Ints, dice: Dice) -> Ints:
    mixed = places.tolist()
    dice.shuffle(mixed)
    return np.array(mixed, np.int64)
