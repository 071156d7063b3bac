"""Servers of one create are asked for, refused and given up together, whoever comes first."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from oslo_config import cfg

from minicloud.conductor.place import Placer
from minicloud.conductor.sweep import Sweeper
from minicloud.conductor.watch import Watch
from minicloud.context import RequestContext
from minicloud.db import actions
from minicloud.db.engine import Database
from minicloud.db.models import Instance, InstanceFault
from minicloud.rpc.scheduler import Verdict, Wanted
from minicloud.servicegroup.drivers.db import DbDriver
from tests.contract.db.rows import add_instances, instance, together
from tests.options import defaults

_FLAVOR = {
    "flavorid": "1",
    "vcpus": 1,
    "memory_mb": 1024,
    "root_gb": 10,
    "ephemeral_gb": 0,
    "swap_mb": 0,
    "name": "m1",
    "extra_specs": {},
}
_REFUSED = {"sentence": "No room for all.", "counts": {"RamFilter": 3}, "waiting": False}


class Asked:
    """A scheduler that keeps what it was asked, and refuses."""

    def __init__(self, refuse: bool = False) -> None:
        self.calls: list[list[Wanted]] = []
        self._refuse = refuse

    def select_destinations(
        self, context: RequestContext, wanted: Sequence[Wanted]
    ) -> list[Verdict]:
        self.calls.append(list(wanted))
        return [Verdict(w.uuid, refused=_REFUSED if self._refuse else None) for w in wanted]


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    made = defaults()
    made.set_override("batch", 3, "conductor")
    return made


def _rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    request = {"num_instances": count}
    return [instance(flavor=_FLAVOR, request=request, **changes) for _ in range(count)]


def _placer(conf: cfg.ConfigOpts, database: Database, scheduler: Asked) -> Placer:
    return Placer(conf, database, scheduler, Watch(1.0, 0.0))  # type: ignore[arg-type]


def _states(database: Database, uuids: Sequence[str]) -> set[tuple[str, str | None]]:
    query = sa.select(Instance.vm_state, Instance.task_state).where(Instance.uuid.in_(uuids))
    return database.read(lambda db: {(row[0], row[1]) for row in db.execute(query)})


def test_who_names_one_of_a_request_asks_for_all_that_wait_with_it(
    conf: cfg.ConfigOpts, database: Database
) -> None:
    whole = add_instances(database, _rows(7))
    _other_project = add_instances(database, _rows(2, project_id="p2"))
    _other_request = add_instances(database, _rows(2, reservation_id="r-2"))
    _gone = add_instances(database, _rows(2, task_state="deleting"))
    _tried_before = add_instances(database, _rows(2, retry={"num_attempts": 1, "hosts": []}))
    alone = add_instances(database, _rows(1, reservation_id="r-3"))
    scheduler = Asked()

    _placer(conf, database, scheduler).place([whole[3], *alone])

    assert [[w.uuid for w in call] for call in scheduler.calls] == [whole, alone]
    assert {w.request_spec["num_instances"] for w in scheduler.calls[0]} == {7}


def test_after_a_build_has_failed_each_is_tried_for_itself(
    conf: cfg.ConfigOpts, database: Database
) -> None:
    before = {"num_attempts": 1, "hosts": [["h1", "h1"]]}
    uuids = add_instances(database, _rows(3, retry=before))
    scheduler = Asked()

    _placer(conf, database, scheduler).place([uuids[1]])

    [[wanted]] = scheduler.calls
    assert wanted.uuid == uuids[1]
    assert wanted.request_spec["num_instances"] == 1


def test_a_refusal_ends_all_of_a_request_with_the_same_reason(
    conf: cfg.ConfigOpts, database: Database
) -> None:
    uuids = add_instances(database, _rows(5))
    writes = database.writes

    _placer(conf, database, Asked(refuse=True)).place(uuids[:1])

    assert _states(database, uuids) == {("error", None)}
    assert database.writes == writes + 1
    faults = database.read(lambda db: actions.latest_faults(db, uuids))
    assert {fault.message for fault in faults.values()} == {
        "No valid host was found. No room for all."
    }
    assert len(faults) == 5


def test_a_request_is_given_up_whole_although_a_sweep_takes_a_part_of_it(
    conf: cfg.ConfigOpts, database: Database
) -> None:
    past = database.now() - timedelta(seconds=1)
    uuids = add_instances(database, _rows(8, due_at=past, deadline_at=past))
    later = add_instances(database, _rows(2, reservation_id="r-2", due_at=past))
    watch = Watch(0.0, 0.0)
    sweeper = Sweeper(conf, database, DbDriver(conf, database), watch)

    sweeper.due()

    assert _states(database, uuids) == {("error", None)}
    assert _states(database, later) <= {("building", "scheduling"), ("error", None)}


def test_conductors_that_give_a_request_up_at_once_do_so_once(
    conf: cfg.ConfigOpts, database: Database
) -> None:
    past = database.now() - timedelta(seconds=1)
    uuids = add_instances(database, _rows(8, due_at=past, deadline_at=past))

    def sweep(_number: int) -> None:
        watch = Watch(0.0, 0.0)
        Sweeper(conf, database, DbDriver(conf, database), watch).due()

    together(4, sweep)

    assert _states(database, uuids) == {("error", None)}
    query = sa.select(sa.func.count()).select_from(InstanceFault)
    assert database.read(lambda db: db.scalar(query)) == 8
