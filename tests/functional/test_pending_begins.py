"""How a server begins to wait for room: nothing that happens meanwhile is missed."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from oslo_config import cfg

from minicloud import errors
from minicloud.conductor.place import Placer
from minicloud.conductor.watch import Watch
from minicloud.conf import register_opts
from minicloud.context import RequestContext
from minicloud.db import actions, instances, schema
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.instance_states import Task
from minicloud.rpc.scheduler import Verdict, Wanted
from tests.contract.db.rows import all_instances, instance
from tests.hand_clock import HandClock

LEASE_S, PATIENCE_S = 8.0, 600
Answer = Callable[[str], Verdict]


def _no(uuid: str) -> Verdict:
    explained = {"refused": ({"host": "h1"},)}
    why = {"sentence": "None fits.", "counts": {"RamFilter": 1}, "explanation": explained}
    return Verdict(uuid, refused=why)


def _away(uuid: str) -> Verdict:
    raise errors.LineDown("the scheduler is away")


class Scheduler:
    """Says what it is told to say, call by call."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = list(answers)
        self.asked: list[list[str]] = []

    def select_destinations(
        self, context: RequestContext, wanted: Sequence[Wanted]
    ) -> list[Verdict]:
        answer = self._answers[len(self.asked)]
        self.asked.append([one.uuid for one in wanted])
        return [answer(one.uuid) for one in wanted]


class Beginning:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.books = Database("sqlite://", self.clock)
        schema.create(self.books)

    def place(self, *answers: Answer, wait_s: int | None = PATIENCE_S) -> Scheduler:
        now = self.books.now()
        began = instances.begin(Task.SCHEDULING, now, look_again_s=3)
        row = instance(request={"pending_s": wait_s}, created_at=now, **began)
        row["flavor"] = {"vcpus": 1, "memory_mb": 1, "root_gb": 1, "ephemeral_gb": 0}
        who = {"request_id": "req-1", "user_id": "alice", "project_id": "p1"}
        begun = self.books.write(lambda db: actions.start(db, [row["uuid"]], "create", who, now))
        self.books.write(
            lambda db: instances.insert(db, [{**row, "action_id": begun[row["uuid"]]}])
        )
        return self.again(row["uuid"], *answers)

    def again(self, uuid: str, *answers: Answer) -> Scheduler:
        conf = register_opts(cfg.ConfigOpts())
        conf.set_override("lease_s", LEASE_S, "conductor")
        scheduler = Scheduler(answers)
        watch = Watch(20.0, self.books.monotonic())
        Placer(conf, self.books, scheduler, watch).place([uuid])  # type: ignore[arg-type]
        return scheduler

    @property
    def row(self) -> Instance:
        (row,) = all_instances(self.books)
        return row

    def seconds_to(self, name: str) -> float:
        gap: timedelta = getattr(self.row, name) - self.books.now()
        return gap.total_seconds()


@pytest.fixture
def beginning() -> Iterator[Beginning]:
    made = Beginning()
    yield made
    made.books.dispose()


def test_who_begins_to_wait_is_tried_once_more(beginning: Beginning) -> None:
    scheduler = beginning.place(_no, _no)

    assert len(scheduler.asked) == 2
    assert beginning.row.task_state == "pending"
    assert beginning.seconds_to("due_at") == PATIENCE_S
    assert beginning.seconds_to("deadline_at") == PATIENCE_S


def test_when_nobody_answers_the_second_time_it_falls_due_soon(beginning: Beginning) -> None:
    beginning.place(_no, _away)

    assert beginning.row.task_state == "pending"
    assert beginning.seconds_to("due_at") == LEASE_S
    assert beginning.seconds_to("deadline_at") == PATIENCE_S


def test_the_second_try_made_later_settles_it(beginning: Beginning) -> None:
    beginning.place(_no, _away)

    beginning.again(beginning.row.uuid, _no)

    assert beginning.seconds_to("due_at") == PATIENCE_S


def test_a_time_that_is_over_when_it_is_refused_is_no_time_to_wait(beginning: Beginning) -> None:
    beginning.place(_away, wait_s=5)
    beginning.clock.pass_s(5)

    beginning.again(beginning.row.uuid, _no)

    assert beginning.row.vm_state == "error"


def test_who_did_not_ask_does_not_wait(beginning: Beginning) -> None:
    scheduler = beginning.place(_no, wait_s=None)

    assert len(scheduler.asked) == 1
    assert beginning.row.vm_state == "error"


def test_a_try_that_finds_the_same_again_writes_nothing(beginning: Beginning) -> None:
    beginning.place(_no, _no)
    generation, writes = beginning.row.generation, beginning.books.writes

    beginning.again(beginning.row.uuid, _no)

    assert beginning.books.writes == writes
    assert beginning.row.generation == generation


def test_what_changed_meanwhile_does_not_begin_to_wait(beginning: Beginning) -> None:
    def overtaken(uuid: str) -> Verdict:
        beginning.books.write(lambda db: instances.describe(db, uuid, {"generation": 7}))
        return _no(uuid)

    scheduler = beginning.place(overtaken)

    assert len(scheduler.asked) == 1
    assert beginning.row.task_state == "scheduling"
