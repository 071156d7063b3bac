"""Instances that get hosts together or not at all: those of one create, the first time.

They are made in one transaction and placed in one (db/claims.py), so they wait together, whoever
was named in a wake or fell due first. After a build has failed each is tried again for itself.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from minicloud.db import instances
from minicloud.db.instances import Working
from minicloud.db.models import Instance
from minicloud.instance_states import NEW
from minicloud.rpc.scheduler import Wanted

MOST = 1000  # asked for in one go: what is more of one request goes in parts, each whole


def count_of(row: Instance) -> int:
    """How many were asked for with it that get hosts together."""
    first = row.task_state in NEW and row.retry is None
    return int(row.request.get("num_instances", 1)) if first else 1


def gathered(db: Session, found: Sequence[Working]) -> list[Working]:
    """These, and all that wait with them."""
    known = {one.row.uuid for one in found}
    whole = {_request(one.row) for one in found if count_of(one.row) > 1}
    if not whole:
        return list(found)
    others = [
        one
        for one in instances.to_place_of(db, {reservation for _project, reservation in whole})
        if one.row.uuid not in known and count_of(one.row) > 1 and _request(one.row) in whole
    ]
    return sorted([*found, *others], key=lambda one: one.row.id)


def in_order(found: Iterable[Working], uuids: Sequence[str]) -> list[Working]:
    """In the order in which they were named, each with those that are placed with it."""
    named = {uuid: number for number, uuid in enumerate(uuids)}
    units: dict[object, list[Working]] = {}
    for one in found:
        alone = count_of(one.row) == 1
        units.setdefault(one.row.uuid if alone else _request(one.row), []).append(one)

    def first(unit: list[Working]) -> int:
        return min(named.get(one.row.uuid, len(named)) for one in unit)

    return [one for unit in sorted(units.values(), key=first) for one in unit]


def calls(wanted: Iterable[Wanted], most: int) -> list[list[Wanted]]:
    """What to ask a scheduler for at once: about `most`, and never a part of a request."""
    units: dict[object, list[Wanted]] = {}
    for one in wanted:
        units.setdefault(_unit(one), []).append(one)
    made: list[list[Wanted]] = [[]]
    for unit in units.values():
        for start in range(0, len(unit), MOST):
            part = unit[start : start + MOST]
            if made[-1] and len(made[-1]) + len(part) > most:
                made.append([])
            made[-1] += part
    return [call for call in made if call]


def _request(row: Instance) -> tuple[str, str]:
    return row.project_id, row.reservation_id


def _unit(one: Wanted) -> object:
    spec = one.request_spec
    if spec["num_instances"] < 2:
        return one.uuid
    whose = spec["instance_properties"]
    return whose["project_id"], whose["reservation_id"]
