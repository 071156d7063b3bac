"""A filter in Nova's shape as one of ours."""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from minicloud.scheduler.columns import MOST
from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.judgement import Judgement
from minicloud.scheduler.per_host.host_state import HostState
from minicloud.scheduler.per_host.view import View, Views
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

LOG = logging.getLogger(__name__)
_BASES: Final = ("nova.filters", "nova.scheduler.filters", "minicloud.scheduler.per_host.bases")
_LIMITS: Final = {  # Nova's names -> ours
    "vcpu": "vcpus",
    "memory_mb": "memory_mb",
    "disk_gb": "disk_gb",
    "num_instances": "num_instances",
}
_RESERVED: Final = ("memory_mb", "disk_gb")  # which Nova counts as used


class PerHostFilter:
    """Asks about the hosts that are left, one after another. A host for which the plug-in raises
    is refused; the first error of a request is logged."""

    is_per_host = True

    def __init__(self, name: str, plugin: Any, views: Views) -> None:
        self._name, self._plugin, self._views = name, plugin, views
        self.wants_contents = bool(getattr(plugin, "wants_contents", False))
        self.run_on_rebuild = bool(getattr(plugin, "RUN_ON_REBUILD", False))
        self._answers: _Answers | None = None

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return self.judged(hosts, request, np.ones(len(hosts), np.bool_)).passed

    def judged(self, hosts: HostTable, request: Request, among: Mask) -> Judgement:
        """Of the hosts `among` all: which pass, and for which the plug-in raises."""
        passed, failed = np.zeros(len(hosts), np.bool_), np.zeros(len(hosts), np.bool_)
        answers = self._answers_for(hosts, request)
        view = self._views.begun_by(self, hosts, request)
        new = [view.state(p) for p in np.flatnonzero(among).tolist() if p not in answers.found]
        answers.found.update(self._asked(view, new))
        for place in np.flatnonzero(among).tolist():
            answer = answers.found[place]
            passed[place], failed[place] = answer is True, answer is None
        return Judgement(passed, failed)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        """What the plug-in says of it, where it has a method of that name."""
        tell = getattr(self._plugin, "measured", None)
        if tell is None:
            return Measure("what the plug-in asks", "something else")
        view = self._views.of(hosts, request)
        wanted, available = tell(view.state(place), view.spec)
        return Measure(str(wanted), str(available))

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        """How far claims may fill these hosts, where the plug-in says so in their limits; where it
        does not the host's own limit holds."""
        view = self._views.of(hosts, request)
        states = [view.state(place) for place in range(*places.indices(len(hosts)))]
        self._asked(view, [state for state in states if (self, state.place) not in view.asked])
        found = {}
        for name, ours in _LIMITS.items():
            told = [_limit(state.limits.get(name)) for state in states]
            if any(limit is not None for limit in told):
                own = self._own_limits(hosts, ours)[places]
                reserved = hosts.reserved(ours)[places] if ours in _RESERVED else 0
                asked = np.array([np.nan if limit is None else limit for limit in told])
                limits = np.clip(np.nan_to_num(asked) - reserved, 0, MOST).astype(np.int64)
                found[ours] = np.where(np.isnan(asked), own, limits)
        return found

    @staticmethod
    def _own_limits(hosts: HostTable, of: str) -> Ints:
        return np.full(len(hosts), MOST) if of == "num_instances" else hosts.limit(of)

    def _answers_for(self, hosts: HostTable, request: Request) -> "_Answers":
        """Empty, or where one answer is to serve a request of several those given before."""
        key = _request_of(request) if self._is_once_per_request else None
        last = self._answers
        if key is None or last is None or last.hosts is not hosts or last.key != key:
            last = _Answers(hosts, key)
        self._answers = last if key else None
        return last

    @property
    def _is_once_per_request(self) -> bool:
        return bool(getattr(self._plugin, "run_filter_once_per_request", False))

    def _asked(self, view: View, states: Sequence[HostState]) -> dict[int, bool | None]:
        """place -> what the plug-in says; None: it raised."""
        if not states:
            return {}
        view.asked.update((self, state.place) for state in states)
        if self._sees_all_together():
            return self._asked_together(view, states)
        ask = getattr(self._plugin, "_filter_one", None) or self._plugin.host_passes
        found: dict[int, bool | None] = {}
        error: Exception | None = None
        for state in states:
            try:
                found[state.place] = bool(ask(state, view.spec))
            except Exception as caught:
                found[state.place], error = None, error or caught
        if error:
            count = sum(answer is None for answer in found.values())
            LOG.error("filter %s failed for %d hosts", self._name, count, exc_info=error)
        return found

    def _asked_together(self, view: View, states: Sequence[HostState]) -> dict[int, bool | None]:
        try:
            left = {id(one) for one in self._plugin.filter_all(list(states), view.spec) or ()}
        except Exception:
            LOG.exception("filter %s failed for %d hosts", self._name, len(states))
            return dict.fromkeys((state.place for state in states), None)
        return {state.place: id(state) in left for state in states}

    def _sees_all_together(self) -> bool:
        """Whether it has a `filter_all` of its own, and not the one that asks host by host."""
        own = getattr(type(self._plugin), "filter_all", None)
        return own is not None and own.__module__ not in _BASES


def _limit(told: Any) -> float | None:
    is_number = isinstance(told, int | float) and math.isfinite(told)
    return float(told) if is_number else None


class _Answers:
    def __init__(self, hosts: HostTable, key: tuple[Any, ...] | None) -> None:
        self.hosts, self.key = hosts, key
        self.found: dict[int, bool | None] = {}  # by place


def _request_of(request: Request) -> tuple[Any, ...] | None:
    """The same for all instances that are made at once; None for one that is alone."""
    instance = request.request_spec.get("instance_properties") or {}
    reservation = instance.get("reservation_id")
    if not reservation or int(request.request_spec.get("num_instances") or 1) < 2:
        return None
    retry = request.filter_properties.get("retry") or {}
    return reservation, retry.get("num_attempts")
