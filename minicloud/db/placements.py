"""Claim room on hosts and record who got it, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import actions, addresses, group_places, hosts, instances
from minicloud.db.hosts import Need
from minicloud.db.models import Instance
from minicloud.instance_states import Task


@dataclass(frozen=True)
class Pick:
    """An instance, at the generation it was read at, and the host chosen for it."""

    uuid: str
    generation: int
    host: str
    node: str
    retry: Mapping[str, Any] | None


@dataclass
class Outcome:
    placed: list[Pick] = field(default_factory=list)
    overtaken: list[Pick] = field(default_factory=list)  # changed or deleted meanwhile
    crowded_out: list[Pick] = field(default_factory=list)  # no room left, or kept apart by a group


def record(db: Session, picks: Sequence[Pick], now: datetime) -> Outcome:
    """Claim and place as many as can be; each instance gets both or neither."""
    outcome = Outcome()
    locked = instances.lock(
        db, [pick.uuid for pick in picks], Instance.addresses, Instance.request
    )
    rows = {row.uuid: row for row in locked}
    by_host: dict[str, list[tuple[Pick, Instance]]] = {}
    for pick in picks:
        row = rows.get(pick.uuid)
        if row is None or row.generation != pick.generation or row.task_state != Task.SCHEDULING:
            outcome.overtaken.append(pick)
        else:
            by_host.setdefault(pick.host, []).append((pick, row))
    outcome.crowded_out += _keep_apart(db, by_host)
    won: list[tuple[Pick, Instance]] = []
    for host in sorted(by_host):
        got = _claim(db, host, by_host[host], now)
        won += got
        outcome.crowded_out += [pick for pick, row in by_host[host] if (pick, row) not in got]
    instances.rewrite(db, [(row, _placed(pick, row, now)) for pick, row in won])
    actions.add_events(db, [event for pick, row in won for event in _events(pick, row, now)])
    outcome.placed = [pick for pick, _row in won]
    return outcome


def _keep_apart(db: Session, by_host: dict[str, list[tuple[Pick, Instance]]]) -> list[Pick]:
    """Take out those that the policy of their group forbids; return them."""
    wanted = [(pick.uuid, host) for host in sorted(by_host) for pick, _row in by_host[host]]
    refused = group_places.kept_apart(db, wanted)
    if not refused:
        return []
    out = [p for host in by_host for p, _row in by_host[host] if (p.uuid, host) in refused]
    for host in list(by_host):
        left = [pair for pair in by_host[host] if (pair[0].uuid, host) not in refused]
        by_host[host] = left
        if not left:
            del by_host[host]
    return out


def _claim(
    db: Session, host: str, wanted: Sequence[tuple[Pick, Instance]], now: datetime
) -> Sequence[tuple[Pick, Instance]]:
    """Claim for all together; when that is too much, for one after another."""
    total = sum((Need.of(row) for _pick, row in wanted), Need())
    if hosts.claim(db, host, total, now):
        return wanted
    if len(wanted) == 1:
        return []
    return [(pick, row) for pick, row in wanted if hosts.claim(db, host, Need.of(row), now)]


def _placed(pick: Pick, row: Instance, now: datetime) -> dict[str, Any]:
    facts = instances.begin(Task.SPAWNING, now)
    where = {"host": pick.host, "node": pick.node, "launched_on": pick.host}
    return {**facts, **where, "retry": pick.retry, "addresses": _addresses(row)}


def _addresses(row: Instance) -> list[dict[str, Any]]:
    """An instance keeps those that it has, whichever host it is built on."""
    if row.addresses is not None:
        return row.addresses
    return addresses.of_instance(row.id, row.uuid, row.request.get("interfaces") or ())


def _events(pick: Pick, row: Instance, now: datetime) -> list[dict[str, Any]]:
    if row.action_id is None:
        return []
    chosen = {
        "action_id": row.action_id,
        "event": "scheduler_select_destinations",
        "start_time": row.updated_at,
        "finish_time": now,
        "result": actions.SUCCESS,
        "host": None,
    }
    building = {
        "action_id": row.action_id,
        "event": "compute__do_build_and_run_instance",
        "start_time": now,
        "finish_time": None,
        "result": None,
        "host": pick.host,
    }
    return [chosen, building]
