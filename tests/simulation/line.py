"""A bus on simulated time: late, lost and doubled messages, lost answers, dead services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from minicloud import errors
from minicloud.rpc.line import Address
from tests.simulation.kernel import Crash, Kernel, Process, Waiter

_QUEUE_LOOKS = 4  # times that a message in a queue is offered to a server that may be back


@dataclass
class Weather:
    """How bad the bus is. All 0: it only takes its time."""

    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    down: bool = False
    cut_off: set[str] = field(default_factory=set)  # processes that hear and say nothing


class Bus:
    """What all lines of one cloud share."""

    def __init__(self, kernel: Kernel, weather: Weather) -> None:
        self.kernel, self.weather = kernel, weather
        self.servers: dict[str, dict[str, tuple[Process, object]]] = {}  # topic -> name -> whom

    def find(self, to: Address) -> tuple[Process, object] | None:
        there = self.servers.get(to.topic, {}).items()
        alive = {n: s for n, s in there if s[0].alive and n not in self.weather.cut_off}
        if to.server is not None:
            return alive.get(to.server)
        return alive[self.kernel.dice.choice(sorted(alive))] if alive else None

    def delay_s(self) -> float:
        dice = self.kernel.dice
        if self.kernel.chance(self.weather.late):
            return dice.uniform(0.5, 12.0)
        return dice.uniform(0.0005, 0.01)


class SimLine:
    """rpc.line.Line of one process."""

    def __init__(self, bus: Bus, process: Process) -> None:
        self._bus, self._process, self._kernel = bus, process, bus.kernel

    def serve(self, topic: str, version: str, server: str, endpoint: object) -> "_Served":
        self._bus.servers.setdefault(topic, {})[server] = (self._process, endpoint)
        return _Served()

    def cast(self, to: Address, context: Mapping[str, Any], method: str, **arguments: Any) -> None:
        self._check_bus()
        message = orjson.dumps([dict(context), arguments])
        copies = 1 + self._kernel.chance(self._bus.weather.doubled)
        if self._is_lost():
            self._kernel.say(self._process.name, f"cast {method}: lost")
            copies = 0
        for _copy in range(copies):
            self._kernel.after(
                self._bus.delay_s(), lambda: self._deliver(to, method, message, _QUEUE_LOOKS)
            )

    def call(
        self,
        to: Address,
        context: Mapping[str, Any],
        method: str,
        *,
        timeout_s: float | None = None,
        **arguments: Any,
    ) -> Any:
        self._check_bus()
        kernel = self._kernel
        message = orjson.dumps([dict(context), arguments])
        waiter = Waiter(kernel)
        if self._is_lost():
            kernel.say(self._process.name, f"call {method}: request lost")
        else:
            kernel.after(self._bus.delay_s(), lambda: self._ask(to, method, message, waiter))
        seconds = timeout_s or 10.0
        if not waiter.wait(seconds):
            kernel.say(self._process.name, f"call {method}: no answer")
            raise errors.CallTimeout(method, to.topic, seconds)
        good, value = waiter.value
        if not good:
            raise value
        return orjson.loads(value)

    def _is_lost(self) -> bool:
        weather = self._bus.weather
        return self._kernel.chance(weather.lost) or self._process.name in weather.cut_off

    def _check_bus(self) -> None:
        if not self._process.alive:
            raise Crash
        if self._bus.weather.down:
            raise errors.LineDown("the simulated broker is away")

    def _deliver(self, to: Address, method: str, message: bytes, looks: int) -> None:
        """A cast waits in its queue for a server, but not for ever."""
        found = None if self._bus.weather.down else self._bus.find(to)
        if found is None:
            if looks:
                self._kernel.after(1.0, lambda: self._deliver(to, method, message, looks - 1))
            return
        process, endpoint = found
        self._kernel.say(process.name, f"hears {method}")
        process.start(lambda: _invoke(endpoint, method, message))

    def _ask(self, to: Address, method: str, message: bytes, waiter: Waiter) -> None:
        found = None if self._bus.weather.down else self._bus.find(to)
        if found is None:
            return
        process, endpoint = found
        process.start(lambda: self._answer(process, endpoint, method, message, waiter))

    def _answer(
        self, process: Process, endpoint: object, method: str, message: bytes, waiter: Waiter
    ) -> None:
        try:
            answer: tuple[bool, Any] = (True, orjson.dumps(_invoke(endpoint, method, message)))
        except errors.MinicloudError as error:
            answer = (False, type(error)(*error.args))
        weather = self._bus.weather
        if self._kernel.chance(weather.lost) or process.name in weather.cut_off:
            self._kernel.say(process.name, f"call {method}: answer lost")
            return
        self._kernel.after(self._bus.delay_s(), lambda: waiter.give(answer))


class _Served:
    def stop(self) -> None:
        pass


def _invoke(endpoint: object, method: str, message: bytes) -> Any:
    context, arguments = orjson.loads(message)
    return getattr(endpoint, method)(context, **arguments)
