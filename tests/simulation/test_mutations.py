"""The simulation finds bugs: each of these is planted, and some seed shows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.compute import converge
from minicloud.compute import service as compute
from minicloud.compute.drivers.base import Guest
from minicloud.conductor import report
from minicloud.conductor.ledger import Ledger
from minicloud.conductor.moves import Moves
from minicloud.conductor.sweep import Sweeper
from minicloud.db import actions, claims, hosts, images, instances, migrations, placements
from minicloud.db.models import Instance, Migration
from minicloud.db.placements import hold
from minicloud.rpc.conductor import Assignment, Sighting
from minicloud.zones.local import acting
from tests.simulation.scenario import play

_SEEDS = 60

Plant = Callable[[pytest.MonkeyPatch], None]


def placing_looks_at_nothing(patch: pytest.MonkeyPatch) -> None:
    """Neither at the generation nor at the task: whoever comes last has placed it."""

    def record(db: Session, picks: Sequence[claims.Pick], now: Any) -> placements.Outcome:
        rows = instances.rows_of(db, [pick.uuid for pick in picks])
        there = [pick for pick in picks if pick.uuid in rows]
        blind = [replace(pick, generation=rows[pick.uuid].generation) for pick in there]
        return true_record(db, blind, now)

    true_record = placements.record
    patch.setattr(placements, "record", record)
    patch.setattr(placements, "Task", SimpleNamespace(SCHEDULING=_Anything()))


class _Anything:
    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__


def room_is_not_given_back(patch: pytest.MonkeyPatch) -> None:
    free = Ledger._free

    def never(self: Ledger, row: Instance, error: str) -> None:
        patch.setattr(Ledger, "_free", lambda self, host, need: None)
        failed(self, row, error)
        patch.setattr(Ledger, "_free", free)

    failed = Ledger._build_failed
    patch.setattr(Ledger, "_build_failed", never)


def strangers_are_never_reaped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(report, "strangers", lambda db, reports: {})


def only_wakes_start_work(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sweeper, "due", lambda self: [])


def only_what_was_done_is_reported(patch: pytest.MonkeyPatch) -> None:
    """An agent that was killed after the act finds nothing to do, and says nothing."""
    see = compute._sighting

    def sighting(one: Assignment, guests: Mapping[str, Any], failed: str | None) -> Sighting:
        seen = see(one, guests, failed)
        fresh = (one.uuid, one.generation) in done
        return seen if fresh or not seen.done else Sighting(one.uuid, one.generation, 0, False)

    def act(self: compute.Agent, host: str, one: converge.Act) -> None:
        true_act(self, host, one)
        done.add((one.assignment.uuid, one.assignment.generation))

    done: set[tuple[str, int]] = set()
    true_act = compute.Agent._do
    patch.setattr(compute, "_sighting", sighting)
    patch.setattr(compute.Agent, "_do", act)


def dead_hosts_are_waited_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sweeper, "abandoned", lambda self: [])


def a_claim_does_not_ask_for_room(patch: pytest.MonkeyPatch) -> None:
    def claim(db: Session, host: str, need: hosts.Need, now: Any) -> bool:
        values = hosts._moved(need, 1, now)
        db.execute(sa.update(hosts.NODE).where(hosts.NODE.host == host).values(values))
        return True

    patch.setattr(hosts, "claim", claim)


def actions_overtaken_stay_open(patch: pytest.MonkeyPatch) -> None:
    finish = actions.finish

    def forgetful(db: Session, ids: Any, result: str, now: Any, message: Any = None) -> None:
        if not (message or "").startswith("overtaken"):
            finish(db, ids, result, now, message)

    patch.setattr(actions, "finish", forgetful)


def what_a_move_holds_is_never_given_back(patch: pytest.MonkeyPatch) -> None:
    def end(self: Moves, move: Migration, status: str) -> None:
        self._change(move, {"status": status, **hold(None, hosts.Need())})

    patch.setattr(Moves, "_end", end)


def guests_that_a_move_holds_are_strangers(patch: pytest.MonkeyPatch) -> None:
    def whereabouts(db: Session, uuids: Any) -> dict[str, set[str]]:
        rows = instances.rows_of(db, uuids)
        own = {uuid: {row.host or "", row.task_host or ""} for uuid, row in rows.items()}
        return {uuid: own.get(uuid, set()) for uuid in known(db, uuids)}

    known = instances.whereabouts
    patch.setattr(instances, "whereabouts", whereabouts)


def a_revert_gives_the_wrong_host_room_back(patch: pytest.MonkeyPatch) -> None:
    def back(self: Moves, row: Instance, move: Migration, status: str) -> dict[str, Any]:
        self._free(move.source_compute, hosts.Need.of(row))
        self._change(move, {"status": status, **hold(None, hosts.Need())})
        return placements.at(move.source_compute, move.source_node, move.old_flavor)

    patch.setattr(Moves, "_back", back)


def marks_of_guests_mean_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Guest, "has", lambda self, mark, label: True)


def guests_of_what_was_evacuated_stay(patch: pytest.MonkeyPatch) -> None:
    def strangers(db: Session, reports: Any) -> dict[str, list[str]]:
        moves = db.scalars(sa.select(Migration))
        left = {
            (move.source_compute, move.instance_uuid)
            for move in moves
            if move.migration_type == migrations.EVACUATION
        }
        gone = true_strangers(db, reports)
        return {h: [u for u in gone[h] if (h, u) not in left] for h in gone}

    true_strangers = report.strangers
    patch.setattr(report, "strangers", strangers)


def a_move_that_is_overtaken_stays_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(acting, "close_move", lambda start, status: None)


def images_of_what_was_not_saved_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(images, "forget", lambda db, image_id: None)


def a_delay_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ledger, "_until", lambda self, state: None)


_BUGS: Sequence[Plant] = (
    placing_looks_at_nothing,
    room_is_not_given_back,
    strangers_are_never_reaped,
    only_wakes_start_work,
    only_what_was_done_is_reported,
    dead_hosts_are_waited_for,
    a_claim_does_not_ask_for_room,
    actions_overtaken_stay_open,
    what_a_move_holds_is_never_given_back,
    guests_that_a_move_holds_are_strangers,
    a_revert_gives_the_wrong_host_room_back,
    marks_of_guests_mean_nothing,
    guests_of_what_was_evacuated_stay,
    a_move_that_is_overtaken_stays_open,
    images_of_what_was_not_saved_stay,
    a_delay_is_forgotten,
)


@pytest.mark.parametrize("plant", _BUGS, ids=lambda plant: plant.__name__)
def test_some_seed_finds_the_bug(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    found = next((seed for seed in range(1, _SEEDS + 1) if play(seed).problems), None)

    assert found is not None
