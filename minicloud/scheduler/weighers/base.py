"""What weighers have in common: a multiplier from an option, or from the host's aggregates."""

from collections.abc import Sequence
from typing import ClassVar

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Numbers
from minicloud.scheduler.memberships import Memberships


class OptionWeigher:
    """`key` names the option, and the aggregates' metadata that says otherwise for their hosts:
    the smallest number counts. `sign` turns what both of them say, as Nova does.

    `is_of_host`: the values are the same whatever the request. `is_of_names`: they are 0 but for
    hosts that the request names.
    """

    key: ClassVar[str]
    sign: ClassVar[int] = 1
    is_of_host: bool = False
    is_of_names: ClassVar[bool] = False
    minimum: float | None = None
    maximum: float | None = None

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._multiplier: float = conf.filter_scheduler[self.key]

    def multipliers(self, hosts: HostTable) -> Numbers | float:
        sets = hosts.aggregates
        if self.key not in sets.once("names", _names):
            return self.sign * self._multiplier
        return self.sign * sets.numbered(lambda one: one.least(self.key, self._multiplier))


def _names(sets: Sequence[Memberships]) -> frozenset[str]:
    """Every key that any aggregate of a host has."""
    return frozenset(name for one in sets for name in one.names())
