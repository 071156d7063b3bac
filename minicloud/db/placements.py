"""Claim room on hosts and record who got it, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import actions, addresses, hosts, instances, migrations
from minicloud.db.claims import Case, Claims, Pick
from minicloud.db.hosts import Need
from minicloud.db.models import Instance
from minicloud.instance_states import MOVING, PLACES, TASKS, Task


@dataclass
class Outcome:
    placed: list[Pick] = field(default_factory=list)
    overtaken: list[Pick] = field(default_factory=list)  # changed or deleted meanwhile
    crowded_out: list[Pick] = field(default_factory=list)  # no room, or a group kept it away
    wake: set[str] = field(default_factory=set)  # the hosts that have something to do now


def record(db: Session, picks: Sequence[Pick], now: datetime) -> Outcome:
    """Claim and place as many as can be; each instance gets both or neither."""
    outcome = Outcome()
    locked = instances.lock(
        db, [pick.uuid for pick in picks], Instance.addresses, Instance.request
    )
    rows = {row.uuid: row for row in locked}
    moves = migrations.open_of(db, [row.uuid for row in locked if row.task_state in MOVING])
    cases: list[Case] = []
    for pick in picks:
        row = rows.get(pick.uuid)
        if row is None or row.generation != pick.generation or row.task_state not in PLACES:
            outcome.overtaken.append(pick)
        else:
            cases.append(Case(pick, row, moves.get(pick.uuid)))
    claims = Claims(db, now)
    claims.claim(cases)
    won = [claims.won[case.pick.uuid] for case in cases if case.pick.uuid in claims.won]
    instances.rewrite(db, [(case.row, _placed(case, now)) for case in won])
    migrations.change(db, [(c.move.id, _held(c)) for c in won if c.move], now)
    actions.add_events(db, [event for case in won for event in _events(case, now)])
    waited = [case.row for case in won if case.row.task_state == Task.PENDING]
    actions.decide(db, [(row.action_id, None) for row in waited if row.action_id is not None])
    outcome.placed = [case.pick for case in won]
    outcome.crowded_out = [c.pick for c in cases if c.pick.uuid not in claims.won]
    outcome.wake = {_actor(case) for case in won}
    return outcome


def _next(case: Case) -> Task:
    done = TASKS[Task(case.row.task_state or "")].done
    assert isinstance(done, Task)
    return done


def _actor(case: Case) -> str:
    """The host that goes on: a guest that is moved while it is off is stopped first."""
    return (case.row.host or "") if _next(case) is Task.RESIZE_MIGRATING else case.pick.host


def _placed(case: Case, now: datetime) -> dict[str, Any]:
    """An evacuated instance belongs to its new host at once, a moved one once it is there."""
    pick = case.pick
    facts = {**instances.begin(_next(case), now, _actor(case)), "retry": pick.retry}
    if case.move is not None and case.move.migration_type != migrations.EVACUATION:
        return facts
    where: dict[str, Any] = {"host": pick.host, "node": pick.node}
    if case.move is None:
        where |= {"launched_on": pick.host, "addresses": _addresses(case.row)}
    return facts | where


def _addresses(row: Instance) -> list[dict[str, Any]]:
    """An instance keeps those that it has, whichever host it is built on."""
    if row.addresses is not None:
        return row.addresses
    return addresses.of_instance(row.id, row.uuid, row.request.get("interfaces") or ())


def _held(case: Case) -> dict[str, Any]:
    """What the move holds besides: room at the other end."""
    pick, row = case.pick, case.row
    facts: dict[str, Any] = {"dest_compute": pick.host, "dest_node": pick.node}
    if _next(case) is Task.REBUILD_SPAWNING:
        return facts | {"status": "pre-migrating"} | hold(row.host, Need.of(row))
    status = "running" if _next(case) is Task.MIGRATING_IN else "migrating"
    return facts | {"status": status} | hold(pick.host, case.need)


def hold(host: str | None, need: Need) -> dict[str, Any]:
    """The columns of a move that keep room on a host; None: nowhere."""
    room = {"vcpus": need.vcpus, "memory_mb": need.memory_mb, "disk_gb": need.disk_gb}
    return {"held_host": host, **room}


def at(host: str | None, node: str | None, flavor: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an instance that is on this host now, with this flavor."""
    return {
        "host": host,
        "node": node,
        "flavor": dict(flavor),
        "vcpus": flavor["vcpus"],
        "memory_mb": flavor["memory_mb"],
        "disk_gb": hosts.disk_gb(flavor),
    }


def _events(case: Case, now: datetime) -> list[dict[str, Any]]:
    action_id = case.row.action_id
    if action_id is None:
        return []
    chosen = actions.event(
        action_id, TASKS[Task(case.row.task_state or "")].event, case.row.updated_at
    )
    ended = {"finish_time": now, "result": actions.SUCCESS}
    return [chosen | ended, actions.event(action_id, TASKS[_next(case)].event, now, _actor(case))]
