"""Whose turn it is: the project with the least share first, the oldest within a project."""

import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from minicloud.db.pending import TOGETHER, Waiting

Kind = tuple[str, ...]


@dataclass(frozen=True)
class Room:
    vcpus: int = 0
    memory_mb: int = 0

    def __add__(self, other: "Room") -> "Room":
        return Room(self.vcpus + other.vcpus, self.memory_mb + other.memory_mb)

    def __sub__(self, other: "Room") -> "Room":
        return Room(self.vcpus - other.vcpus, self.memory_mb - other.memory_mb)

    def share_of(self, total: "Room") -> float:
        """What part of the cloud this is, by the resource that it takes most of."""
        vcpus = self.vcpus / max(1, total.vcpus)
        return max(vcpus, self.memory_mb / max(1, total.memory_mb))


@dataclass(frozen=True)
class Unit:
    """Servers that are placed together: those of one request that wait. `kind` is the same for
    units of a project that fit or do not fit alike; the smallest `first` waits longest."""

    first: int
    uuids: tuple[str, ...]
    project_id: str
    kind: Kind
    need: Room


def units(rows: Iterable[Waiting]) -> list[Unit]:
    """The oldest first."""
    found: dict[object, list[Waiting]] = {}
    for row in rows:
        request = (row.project_id, row.reservation_id)
        found.setdefault(request if row.kind.endswith(TOGETHER) else row.uuid, []).append(row)
    return [_unit(together) for together in found.values()]


def _unit(together: list[Waiting]) -> Unit:
    return Unit(
        together[0].id,
        tuple(row.uuid for row in together),
        together[0].project_id,
        (together[0].project_id, *sorted(row.kind for row in together)),
        sum((Room(row.vcpus, row.memory_mb) for row in together), Room()),
    )


def in_turn(
    waiting: Iterable[Unit],
    used: Mapping[str, Room],
    total: Room,
    most: int,
    trusted: Mapping[Kind, int] | None = None,
) -> list[Unit]:
    """At most this many, in the order in which they are to be tried.

    After each unit its project counts as if it had been placed, so that projects with equal
    shares take turns. `trusted`: how many of a kind it makes sense to try at once, one if nothing
    is said; whoever comes after one too many waits until it is known what came of those before.
    """
    left = {} if trusted is None else dict(trusted)
    lines: dict[str, deque[Unit]] = {}
    for unit in waiting:
        lines.setdefault(unit.project_id, deque()).append(unit)
    has = {project: used.get(project, Room()) for project in lines}
    heap = [(has[p].share_of(total), line[0].first, p) for p, line in lines.items()]
    heapq.heapify(heap)
    order: list[Unit] = []
    while heap and len(order) < most:
        _share, _first, project = heapq.heappop(heap)
        unit = lines[project].popleft()
        left[unit.kind] = left.get(unit.kind, 1) - 1
        if trusted is not None and left[unit.kind] < 0:
            break
        order.append(unit)
        has[project] += unit.need
        if lines[project]:
            next_ = (has[project].share_of(total), lines[project][0].first, project)
            heapq.heappush(heap, next_)
    return order
