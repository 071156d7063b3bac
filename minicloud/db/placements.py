"""Claim room on hosts and record who got it, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import actions, addresses, group_places, hosts, instances, migrations
from minicloud.db.hosts import NO_LIMITS, Limits, Need
from minicloud.db.models import Instance, Migration
from minicloud.instance_states import MOVING, PLACES, TASKS, Task


@dataclass(frozen=True)
class Pick:
    """An instance, at the generation it was read at, and the host chosen for it."""

    uuid: str
    generation: int
    host: str
    node: str
    retry: Mapping[str, Any] | None
    limits: Limits = NO_LIMITS


@dataclass
class Outcome:
    placed: list[Pick] = field(default_factory=list)
    overtaken: list[Pick] = field(default_factory=list)  # changed or deleted meanwhile
    crowded_out: list[Pick] = field(default_factory=list)  # no room left, or kept apart by a group
    wake: set[str] = field(default_factory=set)  # the hosts that have something to do now


@dataclass(frozen=True)
class _Case:
    """A pick with the row that it is for, and the move that it is part of."""

    pick: Pick
    row: Instance
    move: Migration | None

    @property
    def need(self) -> Need:
        return Need.of_flavor(self.move.new_flavor) if self.move else Need.of(self.row)

    @property
    def next(self) -> Task:
        done = TASKS[Task(self.row.task_state or "")].done
        assert isinstance(done, Task)
        return done

    @property
    def actor(self) -> str:
        """The host that goes on: a guest that is moved while it is off is stopped first."""
        return (self.row.host or "") if self.next is Task.RESIZE_MIGRATING else self.pick.host


def record(db: Session, picks: Sequence[Pick], now: datetime) -> Outcome:
    """Claim and place as many as can be; each instance gets both or neither."""
    outcome = Outcome()
    locked = instances.lock(
        db, [pick.uuid for pick in picks], Instance.addresses, Instance.request
    )
    rows = {row.uuid: row for row in locked}
    moves = migrations.open_of(db, [row.uuid for row in locked if row.task_state in MOVING])
    by_host: dict[str, list[_Case]] = {}
    for pick in picks:
        row = rows.get(pick.uuid)
        if row is None or row.generation != pick.generation or row.task_state not in PLACES:
            outcome.overtaken.append(pick)
        else:
            by_host.setdefault(pick.host, []).append(_Case(pick, row, moves.get(pick.uuid)))
    outcome.crowded_out += _keep_apart(db, by_host)
    won: list[_Case] = []
    for host in sorted(by_host):
        got = _claim(db, host, by_host[host], now)
        won += got
        outcome.crowded_out += [case.pick for case in by_host[host] if case not in got]
    instances.rewrite(db, [(case.row, _placed(case, now)) for case in won])
    migrations.change(db, [(c.move.id, _held(c)) for c in won if c.move], now)
    actions.add_events(db, [event for case in won for event in _events(case, now)])
    outcome.placed = [case.pick for case in won]
    outcome.wake = {case.actor for case in won}
    return outcome


def _keep_apart(db: Session, by_host: dict[str, list[_Case]]) -> list[Pick]:
    """Take out those that the policy of their group forbids; return them."""
    wanted = [(case.pick.uuid, host) for host in sorted(by_host) for case in by_host[host]]
    refused = group_places.kept_apart(db, wanted)
    if not refused:
        return []
    out = [c.pick for host in by_host for c in by_host[host] if (c.pick.uuid, host) in refused]
    for host in list(by_host):
        left = [case for case in by_host[host] if (case.pick.uuid, host) not in refused]
        by_host[host] = left
        if not left:
            del by_host[host]
    return out


def _claim(db: Session, host: str, wanted: Sequence[_Case], now: datetime) -> Sequence[_Case]:
    """Claim for all together; when that is too much, for one after another."""
    limits = wanted[0].pick.limits
    if all(case.pick.limits == limits for case in wanted):
        total = sum((case.need for case in wanted), Need())
        if hosts.claim(db, host, total, now, limits):
            return wanted
        if len(wanted) == 1:
            return []
    return [c for c in wanted if hosts.claim(db, host, c.need, now, c.pick.limits)]


def _placed(case: _Case, now: datetime) -> dict[str, Any]:
    """An evacuated instance belongs to its new host at once, a moved one once it is there."""
    pick = case.pick
    facts = {**instances.begin(case.next, now, case.actor), "retry": pick.retry}
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


def _held(case: _Case) -> dict[str, Any]:
    """What the move holds besides: room at the other end."""
    pick, row = case.pick, case.row
    facts: dict[str, Any] = {"dest_compute": pick.host, "dest_node": pick.node}
    if case.next is Task.REBUILD_SPAWNING:
        return facts | {"status": "pre-migrating"} | hold(row.host, Need.of(row))
    status = "running" if case.next is Task.MIGRATING_IN else "migrating"
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


def _events(case: _Case, now: datetime) -> list[dict[str, Any]]:
    action_id = case.row.action_id
    if action_id is None:
        return []
    chosen = actions.event(
        action_id, TASKS[Task(case.row.task_state or "")].event, case.row.updated_at
    )
    ended = {"finish_time": now, "result": actions.SUCCESS}
    return [chosen | ended, actions.event(action_id, TASKS[case.next].event, now, case.actor)]
