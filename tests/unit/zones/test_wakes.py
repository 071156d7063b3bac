"""Wakes: many become one message, and none is worth an error."""

from collections.abc import Mapping
from typing import Any

from minicloud import errors
from minicloud.context import for_service
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import ConductorClient
from minicloud.rpc.line import Address
from minicloud.zones.wakes import Wakes

_WHO = for_service("api")


class NotedLine:
    """Notes casts; `down`: the bus is away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str | None, dict[str, Any]]] = []
        self.down = False

    def cast(self, to: Address, context: Mapping[str, Any], method: str, **arguments: Any) -> None:
        if self.down:
            raise errors.LineDown("away")
        self.sent.append((method, to.server, arguments))

    def call(self, *_what: Any, **_more: Any) -> Any:
        raise AssertionError("a wake is a cast")

    def serve(self, *_what: Any) -> Any:
        raise AssertionError("nobody serves here")


class Bell:
    def __init__(self) -> None:
        self.rung = 0

    def wake(self) -> None:
        self.rung += 1


def _wakes(line: NotedLine) -> Wakes:
    return Wakes(ConductorClient(line), ComputeClient(line))


def test_many_builds_become_one_message() -> None:
    line = NotedLine()
    wakes = _wakes(line)

    wakes.build(_WHO, ["a", "b"])
    wakes.build(_WHO, ["b", "c"])
    wakes.step()

    assert line.sent == [("build_instances", None, {"uuids": ["a", "b", "c"]})]


def test_looks_are_merged_by_agent() -> None:
    line = NotedLine()
    wakes = _wakes(line)

    for agent, host in (("x", "h2"), ("y", "h3"), ("x", "h1"), ("x", "h2")):
        wakes.look(_WHO, agent, host)
    wakes.step()

    assert line.sent == [
        ("wake", "x", {"hosts": ["h1", "h2"]}),
        ("wake", "y", {"hosts": ["h3"]}),
    ]


def test_what_was_sent_is_not_sent_again() -> None:
    line = NotedLine()
    wakes = _wakes(line)
    wakes.build(_WHO, ["a"])
    wakes.step()

    wakes.step()

    assert len(line.sent) == 1


def test_a_bus_that_is_away_is_no_error_and_nothing_piles_up() -> None:
    line = NotedLine()
    wakes = _wakes(line)
    line.down = True
    wakes.build(_WHO, ["a"])
    wakes.step()

    line.down = False
    wakes.step()

    assert line.sent == []


def test_the_sender_is_woken_by_each_request() -> None:
    wakes, bell = _wakes(NotedLine()), Bell()
    wakes.loop = bell

    wakes.build(_WHO, ["a"])
    wakes.look(_WHO, "x", "h1")

    assert bell.rung == 2
