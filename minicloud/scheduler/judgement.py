"""What a filter says of the hosts that are left, also where it fails."""

import logging
from typing import Any, NamedTuple

import numpy as np

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.plugins import Filter
from minicloud.scheduler.request import Request

LOG = logging.getLogger(__name__)


class Judgement(NamedTuple):
    """The hosts that pass, and those for which the filter failed; the rest is refused."""

    passed: Mask
    failed: Mask


def judged(
    name: str, filter_: Filter, hosts: HostTable, request: Request, among: Mask
) -> Judgement:
    """Of the hosts `among` all. A filter over columns fails for all of them or none."""
    try:
        one_by_one: Any = getattr(filter_, "judged", None)
        if one_by_one is not None:
            judgement: Judgement = one_by_one(hosts, request, among)
            return judgement
        passed = among & asked(filter_, hosts, request)
    except Exception:
        LOG.exception("filter %s failed; it refuses every host", name)
        return Judgement(np.zeros_like(among), among)
    return Judgement(passed, np.zeros_like(among))


def asked(filter_: Filter, hosts: HostTable, request: Request) -> Mask:
    """What a filter says of all hosts; ValueError where that is not something of each."""
    mask = np.asarray(filter_.passes(hosts, request), np.bool_)
    if mask.shape != (len(hosts),):
        raise ValueError(f"a mask of the shape {mask.shape} for {len(hosts)} hosts")
    return mask
