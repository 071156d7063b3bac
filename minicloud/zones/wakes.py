"""Wakes on their way: collected by requests, sent from a thread of their own.

A client never waits for the bus: its intent is written, and a wake that is not sent only means
that the row is found when it falls due. Many requests under load become one message.
"""

import logging
import threading
from collections.abc import Iterable

from minicloud.context import RequestContext, for_service
from minicloud.errors import LineDown
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import ConductorClient
from minicloud.runtime.loop import Wakeable

LOG = logging.getLogger(__name__)
_MOST = 10_000  # wakes kept while the bus is away; what is dropped falls due by itself


class Wakes:
    """`step` sends what was collected; `loop` is set by whoever runs it."""

    def __init__(self, conductor: ConductorClient, compute: ComputeClient) -> None:
        self.conductor, self._compute = conductor, compute
        self._lock = threading.Lock()
        self._to_build: dict[str, None] = {}
        self._hosts: dict[str, set[str]] = {}  # agent -> hosts
        self._context: RequestContext | None = None
        self.loop: Wakeable | None = None

    def build(self, context: RequestContext, uuids: Iterable[str]) -> None:
        with self._lock:
            if len(self._to_build) < _MOST:
                self._to_build.update(dict.fromkeys(uuids))
            self._context = context
        if self.loop is not None:
            self.loop.wake()

    def look(self, context: RequestContext, agent: str, host: str) -> None:
        with self._lock:
            self._hosts.setdefault(agent, set()).add(host)
            self._context = context
        if self.loop is not None:
            self.loop.wake()

    def step(self) -> None:
        with self._lock:
            uuids, self._to_build = list(self._to_build), {}
            hosts, self._hosts = self._hosts, {}
            context = self._context or for_service("api")
        try:
            if uuids:
                self.conductor.build_instances(context, uuids)
            for agent in sorted(hosts):
                self._compute.wake(context, agent, sorted(hosts[agent]))
        except LineDown as error:
            LOG.warning("wakes not sent (%s); the work falls due by itself", error)
