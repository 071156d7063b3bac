"""What plug-ins in Nova's shape look at while one choice is made: the same objects for all."""

import threading

from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.per_host.host_state import Facts, HostState
from minicloud.scheduler.per_host.spec import Spec
from minicloud.scheduler.request import Request


class View:
    """One request and the hosts as they are now."""

    def __init__(self, hosts: HostTable, request: Request) -> None:
        self.hosts, self.request = hosts, request
        self.spec = Spec(request)
        self.begun: set[object] = set()  # by these filters
        self.asked: set[tuple[object, int]] = set()  # a filter and a place
        self._facts = Facts(hosts)
        self._states: dict[int, HostState] = {}

    def state(self, place: int) -> HostState:
        if place not in self._states:
            self._states[place] = HostState(self._facts, place)
        return self._states[place]


class Views(threading.local):
    """The view of the choice that is being made, by this thread. All plug-ins of a scheduler share
    it, so that a weigher finds what a filter has written on a host; the next choice begins with a
    new one."""

    def __init__(self) -> None:
        self._last: View | None = None

    def begun_by(self, asker: object, hosts: HostTable, request: Request) -> View:
        """For a filter, which looks once in a choice: whoever comes again, begins another."""
        view = self.of(hosts, request)
        if asker in view.begun:
            view = self._last = View(hosts, request)
        view.begun.add(asker)
        return view

    def of(self, hosts: HostTable, request: Request) -> View:
        """For whoever looks at what may have been looked at before."""
        view = self._last
        if view is None or view.hosts is not hosts or view.request is not request:
            view = self._last = View(hosts, request)
        return view
