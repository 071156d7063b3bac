"""A line within one process: calls are function calls, arguments and answers go through JSON.

JSON on the way keeps both modes honest: what cannot be sent over RabbitMQ cannot be sent here.
"""

import threading
from collections.abc import Mapping
from typing import Any

import orjson

from minicloud import errors
from minicloud.rpc.line import Address


class DirectLine:
    def __init__(self) -> None:
        self._served: dict[tuple[str, str], object] = {}
        self._turn: dict[str, int] = {}
        self._lock = threading.Lock()
        self.casts = 0
        self.calls = 0

    def serve(self, topic: str, version: str, server: str, endpoint: object) -> "_DirectServed":
        with self._lock:
            self._served[topic, server] = endpoint
        return _DirectServed(self, topic, server)

    def withdraw(self, topic: str, server: str) -> None:
        with self._lock:
            self._served.pop((topic, server), None)

    def cast(self, to: Address, context: Mapping[str, Any], method: str, **arguments: Any) -> None:
        self.casts += 1
        endpoint = self._find(to)
        if endpoint is not None:
            _invoke(endpoint, context, method, arguments)

    def call(
        self,
        to: Address,
        context: Mapping[str, Any],
        method: str,
        *,
        timeout_s: float | None = None,
        **arguments: Any,
    ) -> Any:
        self.calls += 1
        endpoint = self._find(to)
        if endpoint is None:
            raise errors.CallTimeout(method, to.topic, 0)
        return _through_json(_invoke(endpoint, context, method, arguments))

    def _find(self, to: Address) -> object | None:
        with self._lock:
            if to.server is not None:
                return self._served.get((to.topic, to.server))
            servers = sorted(key for key in self._served if key[0] == to.topic)
            if not servers:
                return None
            turn = self._turn[to.topic] = self._turn.get(to.topic, -1) + 1
            return self._served[servers[turn % len(servers)]]


class _DirectServed:
    def __init__(self, line: DirectLine, topic: str, server: str) -> None:
        self._line, self._topic, self._server = line, topic, server

    def stop(self) -> None:
        self._line.withdraw(self._topic, self._server)


def _invoke(
    endpoint: object, context: Mapping[str, Any], method: str, arguments: Mapping[str, Any]
) -> Any:
    return getattr(endpoint, method)(_through_json(dict(context)), **_through_json(arguments))


def _through_json(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value))
