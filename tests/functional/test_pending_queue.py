"""The queue of those that wait for room: when it is gone through, and how much that costs."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conductor.queue import PendingQueue
from minicloud.conf import register_opts
from minicloud.db import aggregates, hosts, instances, schema, services
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.instance_states import Task
from minicloud.rpc.scheduler import Verdict
from minicloud.servicegroup.base import COMPUTE
from tests.contract.db.rows import add_host, instance
from tests.hand_clock import HandClock
from tests.statements import statements

BATCH, SAFETY_S = 50, 60.0
NEED = Need(vcpus=1, memory_mb=1024, disk_gb=10, instances=1)


class Members:
    """Who is alive."""

    def __init__(self) -> None:
        self.alive = {"h1"}

    def get_all(self, group: str) -> set[str]:
        return set(self.alive) if group == COMPUTE else set()


class Waiting:
    """A queue over books of its own; what the scheduler would say is `room`, by kind."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.books = Database("sqlite://", self.clock)
        schema.create(self.books)
        add_host(self.books, "h1", now=self.books.now())
        self.members = Members()
        self.queue = self.another()
        self.room: dict[str, int] = {}
        self.kinds: dict[str, str] = {}
        self.answers = True

    def another(self) -> PendingQueue:
        conf = cfg.ConfigOpts()
        register_opts(conf)
        conf.set_override("batch", BATCH, "conductor")
        conf.set_override("pending_look_again_s", SAFETY_S, "conductor")
        return PendingQueue(conf, self.books, self.members)  # type: ignore[arg-type]

    def add(self, kind: str, count: int = 1, project: str = "p1") -> None:
        times = {"deadline_at": None, "due_at": None}
        rows = [
            instance(
                task_state=str(Task.PENDING),
                pending_kind=kind,
                reservation_id=f"r-{n}",
                project_id=project,
                **times,
            )
            for n in range(len(self.kinds), len(self.kinds) + count)
        ]
        self.books.write(lambda db: instances.insert(db, rows))
        self.kinds.update({row["uuid"]: kind for row in rows})

    def step(self, *, ticked: bool = False) -> list[str]:
        """The kinds that were tried."""
        if ticked:
            self.clock.pass_s(1)
        uuids = self.queue.next(ticked=ticked)
        if uuids:
            self.queue.conclude(self._answers(uuids))
        return [self.kinds[uuid] for uuid in uuids]

    def tick(self) -> list[str]:
        """All that is tried until the next tick."""
        tried = self.step(ticked=True)
        while self.queue.goes_on:
            tried += self.step()
        return tried

    def _answers(self, uuids: Sequence[str]) -> dict[str, Verdict]:
        if not self.answers:
            return {}
        return {uuid: self._answer(uuid) for uuid in uuids}

    def _answer(self, uuid: str) -> Verdict:
        kind = self.kinds[uuid]
        if not self.room.get(kind):
            return Verdict(uuid, refused={"sentence": "no", "counts": {"RamFilter": 1}})
        self.room[kind] -= 1
        facts = {"host": "h1", "task_state": str(Task.SPAWNING)}
        self.books.write(lambda db: instances.describe(db, uuid, facts))
        return Verdict(uuid, host="h1")

    def free(self) -> None:
        self.books.write(lambda db: hosts.give_back(db, "h1", NEED, self.books.now()))


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    made = Waiting()
    yield made
    made.books.dispose()


def test_a_tick_costs_one_statement_when_nobody_waits_and_a_wake_none(waiting: Waiting) -> None:
    waiting.tick()

    with statements(waiting.books) as at_ticks:
        waiting.tick()
    waiting.queue.hear()
    with statements(waiting.books) as when_woken:
        waiting.step()

    assert len(at_ticks) == 1
    assert not waiting.queue.is_waited_in
    assert when_woken == []


def test_a_conductor_that_starts_tries_who_waits_already(waiting: Waiting) -> None:
    waiting.add("a")
    waiting.tick()

    waiting.queue = waiting.another()

    assert waiting.tick() == ["a"]


def test_nobody_is_tried_again_while_no_room_is_made(waiting: Waiting) -> None:
    waiting.add("a")
    waiting.tick()

    waiting.books.write(lambda db: hosts.claim(db, "h1", NEED, waiting.books.now()))

    assert [waiting.tick() for _ in range(20)] == [[]] * 20


def test_room_that_is_given_back_is_tried_once(waiting: Waiting) -> None:
    waiting.add("a")
    waiting.tick()

    waiting.free()

    assert [waiting.tick() for _ in range(15)] == [["a"]] + [[]] * 14


def test_room_that_was_given_back_before_and_is_seen_later_counts(waiting: Waiting) -> None:
    """A transaction that began earlier than another may end later."""
    waiting.add("a")
    add_host(waiting.books, "h2")
    waiting.tick()
    earlier = waiting.books.now() - timedelta(seconds=1)
    waiting.free()
    waiting.tick()

    waiting.books.write(lambda db: hosts.give_back(db, "h2", NEED, earlier))

    assert waiting.tick() == ["a"]


def test_who_is_woken_need_not_wait_for_the_tick(waiting: Waiting) -> None:
    waiting.add("a")
    waiting.tick()
    waiting.free()

    waiting.queue.hear()

    assert waiting.queue.goes_on
    assert waiting.step() == ["a"]


def _enter(waiting: Waiting) -> None:
    waiting.members.alive.add("h2")


def _enable(waiting: Waiting) -> None:
    books = waiting.books
    (row,) = books.read(lambda db: services.of_group(db, COMPUTE, "h1"))
    books.write(lambda db: services.change(db, row.id, {"disabled": False}))


def _join_aggregate(waiting: Waiting) -> None:
    books = waiting.books

    def work(db: Session) -> None:
        aggregates.add_host(db, aggregates.all_of_them(db)[0], "h1", books.now())

    books.write(work)


def _new_host(waiting: Waiting) -> None:
    add_host(waiting.books, "h3", now=waiting.books.now())


@pytest.mark.parametrize("change", [_enter, _enable, _join_aggregate, _new_host])
def test_whatever_may_be_room_is_tried(
    waiting: Waiting, change: Callable[[Waiting], None]
) -> None:
    books = waiting.books
    books.write(lambda db: services.seen(db, COMPUTE, ["h1"], books.now()))
    (row,) = books.read(lambda db: services.of_group(db, COMPUTE))
    books.write(lambda db: services.change(db, row.id, {"disabled": True}))
    books.write(lambda db: aggregates.add(db, "a", {}, books.now()))
    waiting.add("a")
    waiting.tick()
    assert waiting.tick() == []

    change(waiting)

    assert waiting.tick() == ["a"]


def test_of_those_alike_few_are_tried_however_many_wait(waiting: Waiting) -> None:
    waiting.add("a", 1000)
    waiting.add("b", 1000)
    waiting.tick()

    waiting.free()

    assert sorted(waiting.tick()) == ["a", "b"]


def test_what_fits_is_not_kept_by_what_does_not(waiting: Waiting) -> None:
    waiting.add("large", 100)
    waiting.add("small", 3)
    waiting.tick()

    waiting.room["small"] = 2
    waiting.free()
    waiting.tick()

    assert waiting.room["small"] == 0


def test_the_order_is_kept_among_kinds_when_there_is_room_for_some(waiting: Waiting) -> None:
    waiting.add("a", 3)
    waiting.add("b", 3)
    waiting.room = {"a": 2, "b": 3}

    assert waiting.tick() == ["a", "a", "a", "b", "a", "b", "b", "a"]
    assert waiting.room == {"a": 0, "b": 0}


def test_who_was_refused_is_asked_again_before_one_who_was_placed(waiting: Waiting) -> None:
    """Room that comes about during a pass is his whose turn it is."""
    waiting.add("a", 2)
    waiting.add("b", 2, "p2")
    waiting.room = {"a": 1}
    first = waiting.step(ticked=True)

    waiting.room = {"a": 1, "b": 1}
    then = waiting.step()

    assert (first, then) == (["a", "b"], ["b", "a"])


def test_all_that_fit_are_placed_at_one_go(waiting: Waiting) -> None:
    waiting.add("a", 400)
    waiting.room["a"] = 399

    assert len(waiting.tick()) == 401
    assert waiting.room["a"] == 0


def test_of_many_kinds_no_more_are_refused_in_a_tick_than_a_batch_and_none_is_left_out(
    waiting: Waiting,
) -> None:
    kinds = [f"k{number}" for number in range(3 * BATCH)]
    for kind in kinds:
        waiting.add(kind)

    tried = [waiting.tick() for _ in range(4)]

    assert [len(kinds_) for kinds_ in tried] == [BATCH, BATCH, BATCH, 0]
    assert sorted(kind for kinds_ in tried for kind in kinds_) == sorted(kinds)


def test_room_made_during_a_long_pass_is_tried_after_it(waiting: Waiting) -> None:
    for number in range(2 * BATCH):
        waiting.add(f"k{number}")
    waiting.tick()

    waiting.free()
    waiting.tick()

    assert waiting.tick()


def test_while_no_scheduler_answers_a_tick_asks_once(waiting: Waiting) -> None:
    waiting.add("a", 100)
    waiting.answers = False

    asked = [waiting.tick() for _ in range(3)]
    waiting.answers, waiting.room["a"] = True, 100

    assert asked == [["a"]] * 3
    assert len(waiting.tick()) == 100


def test_now_and_then_all_are_tried_although_nothing_told_of_room(waiting: Waiting) -> None:
    waiting.add("a")
    waiting.tick()
    waiting.tick()

    waiting.clock.pass_s(SAFETY_S)

    assert waiting.tick() == ["a"]
