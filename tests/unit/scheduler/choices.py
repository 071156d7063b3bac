"""Choices and weights of tables, for tests."""

import numpy as np

from minicloud.runtime.dice import Dice
from minicloud.scheduler.hosts import Floats, HostTable, Ints
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, ranked, weighed


def choose(hosts: HostTable, request: Request, rules: Rules, dice: Dice) -> int | Refusal:
    """The place of the host to take, or why there is none."""
    found = ranked(hosts, request, rules, dice, 1)
    return found if isinstance(found, Refusal) else found[0]


def weights(hosts: HostTable, request: Request, rules: Rules, left: Ints) -> Floats:
    """The weight of each host at the places `left`; NaN where a weigher failed."""
    total = np.zeros(left.size)
    for one in weighed(hosts, request, rules, left):
        total += one.weighted
    return total
