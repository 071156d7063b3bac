"""A weigher in Nova's shape as one of ours."""

import inspect
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from minicloud.scheduler.hosts import Floats, HostTable, Ints
from minicloud.scheduler.per_host.host_state import Facts, HostState
from minicloud.scheduler.per_host.spec import Spec
from minicloud.scheduler.per_host.view import Views
from minicloud.scheduler.request import Request

LOG = logging.getLogger(__name__)
_BASES: Final = ("nova.weights", "nova.scheduler.weights", "minicloud.scheduler.per_host.bases")


@dataclass
class WeighedHost:
    """What `weigh_objects` is given for each host."""

    obj: HostState
    weight: float = 0.0


class PerHostWeigher:
    """Asks about the hosts that are left, one after another. Where the plug-in raises, the number
    is NaN; the first error of a request is logged."""

    is_per_host = True

    def __init__(self, name: str, plugin: Any, views: Views) -> None:
        self._name, self._plugin, self._views = name, plugin, views
        self.wants_contents = bool(getattr(plugin, "wants_contents", False))
        self._multiplier = _multiplier_of(plugin)

    @property
    def minimum(self) -> float | None:
        found: float | None = getattr(self._plugin, "minval", None)
        return found

    @property
    def maximum(self) -> float | None:
        found: float | None = getattr(self._plugin, "maxval", None)
        return found

    def multipliers(self, hosts: HostTable) -> Floats:
        facts = Facts(hosts)
        states = [HostState(facts, place) for place in range(len(hosts))]
        return np.array([self._multiplier(state) for state in states], np.float64)

    def weigh(self, hosts: HostTable, request: Request) -> Floats:
        return self.weigh_among(hosts, request, np.arange(len(hosts)))[1]

    def weigh_among(self, hosts: HostTable, request: Request, left: Ints) -> tuple[Floats, Floats]:
        """The multipliers and the numbers of the hosts at these places."""
        view = self._views.of(hosts, request)
        states = [view.state(place) for place in left.tolist()]
        if not self._sees_all_together():
            return self._one_by_one(states, view.spec)
        found = self._plugin.weigh_objects([WeighedHost(one) for one in states], view.spec)
        multipliers = np.array([self._multiplier(state) for state in states], np.float64)
        return multipliers, np.array(list(found), np.float64)

    def _one_by_one(self, states: Sequence[HostState], spec: Spec) -> tuple[Floats, Floats]:
        multipliers, numbers = np.ones(len(states)), np.full(len(states), np.nan)
        error: Exception | None = None
        for row, state in enumerate(states):
            try:
                multipliers[row] = self._multiplier(state)
                if multipliers[row]:
                    numbers[row] = float(self._plugin._weigh_object(state, spec))
            except Exception as caught:
                error = error or caught
        if error:
            LOG.error("weigher %s failed for some hosts", self._name, exc_info=error)
        return multipliers, np.where(multipliers == 0, 0.0, numbers)

    def _sees_all_together(self) -> bool:
        own = getattr(type(self._plugin), "weigh_objects", None)
        return own is not None and own.__module__ not in _BASES


def _multiplier_of(plugin: Any) -> Callable[[HostState], float]:
    """A method that is told the host, as now; one that is not, as once; or a number; or 1."""
    for name in ("weight_multiplier", "_weight_multiplier"):
        found = getattr(plugin, name, None)
        if callable(found):
            if inspect.signature(found).parameters:
                return lambda state: float(found(state))
            return lambda state: float(found())
        if found is not None:
            number = float(found)
            return lambda state: number
    return lambda state: 1.0
