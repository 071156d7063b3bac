"""The choice of a host: a function of the hosts, the request and the dice."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minicloud.runtime.dice import Dice
from minicloud.scheduler.explain import ERROR_SUFFIX, Refusal
from minicloud.scheduler.hosts import Floats, HostTable, Ints, Mask
from minicloud.scheduler.plugins import Filter, Weigher
from minicloud.scheduler.request import Request

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rules:
    """What a deployment chooses by."""

    filters: Sequence[tuple[str, Filter]]
    weighers: Sequence[tuple[str, Weigher]]
    subset_size: int = 1
    shuffle_best: bool = True


def choose(hosts: HostTable, request: Request, rules: Rules, dice: Dice) -> int | Refusal:
    """The place of the host to take, or why there is none (SEMANTICS section 6)."""
    mask, counts = _named(hosts, request)
    if not (request.force_hosts or request.force_nodes):
        mask = _filtered(hosts, request, rules.filters, mask, counts)
    left = np.flatnonzero(mask)
    if not left.size:
        waiting = counts.get("ComputeFilter", 0) > 0 and bool((hosts.enabled & hosts.lately).any())
        return Refusal(len(hosts), {k: v for k, v in counts.items() if v}, waiting)
    if left.size == 1:
        return int(left[0])
    return _best(left, weights(hosts, request, rules.weighers, left), rules, dice)


def weights(
    hosts: HostTable, request: Request, weighers: Sequence[tuple[str, Weigher]], left: Ints
) -> Floats:
    """The sum of the weighers' normalised values for the hosts at the places `left`.

    Each weigher's values go to 0..1 by (x - min) / (max - min), all 0 when they are equal, and are
    multiplied by its multiplier (SEMANTICS section 10, Icehouse and later).
    """
    total = np.zeros(left.size)
    for name, weigher in weighers:
        if weigher.multiplier == 0:
            continue
        try:
            values = np.asarray(weigher.weigh(hosts, request), np.float64)[left]
        except Exception:
            LOG.exception("weigher %s failed; it counts nothing", name)
            continue
        total += weigher.multiplier * _normalised(values, weigher.minimum)
    return total


def _normalised(values: Floats, minimum: float | None) -> Floats:
    if minimum is not None:
        values = np.maximum(values, minimum)
    low = values.min() if minimum is None else minimum
    span = values.max() - low
    return (values - low) / span if span else np.zeros_like(values)


def _named(hosts: HostTable, request: Request) -> tuple[Mask, dict[str, int]]:
    """What is left when hosts are named: to be ignored, or to be the only ones."""
    mask = np.ones(len(hosts), np.bool_)
    counts: dict[str, int] = {}
    if request.ignore_hosts:
        mask &= ~hosts.mask_of(request.ignore_hosts)
        counts["ignore_hosts"] = len(hosts) - int(mask.sum())
    host, node = request.requested
    for option, names, of in (
        ("force_hosts", request.force_hosts, hosts.names),
        ("force_nodes", request.force_nodes, hosts.nodes),
        ("requested_host", [host] if host else [], hosts.names),
        ("requested_node", [node] if node else [], hosts.nodes),
    ):
        if names:
            before = int(mask.sum())
            mask &= np.fromiter((name in names for name in of), np.bool_, len(hosts))
            counts[option] = before - int(mask.sum())
    return mask, counts


def _filtered(
    hosts: HostTable,
    request: Request,
    filters: Sequence[tuple[str, Filter]],
    mask: Mask,
    counts: dict[str, int],
) -> Mask:
    left = int(mask.sum())
    for name, filter_ in filters:
        if not left:
            break
        try:
            mask = mask & filter_.passes(hosts, request)
        except Exception:
            LOG.exception("filter %s failed; it refuses every host", name)
            counts[name + ERROR_SUFFIX] = left
            return np.zeros_like(mask)
        now_left = int(mask.sum())
        counts[name] = left - now_left
        left = now_left
    return mask


def _best(left: Ints, weight: Floats, rules: Rules, dice: Dice) -> int:
    if rules.subset_size > 1:
        order = np.argsort(-weight, kind="stable")[: rules.subset_size]
        return int(left[dice.choice(order.tolist())])
    if not rules.shuffle_best:
        return int(left[int(weight.argmax())])
    best = np.flatnonzero(weight >= weight.max() - 1e-9)
    return int(left[int(best[dice.randrange(best.size)])])
