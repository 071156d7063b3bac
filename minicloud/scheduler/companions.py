"""The servers that matter to a choice by where they are, as a scheduler counts them."""

import uuid as uuids
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import group_places, neighbours
from minicloud.db.engine import Database
from minicloud.rpc.scheduler import Wanted

_NO_GROUP: Mapping[str, Any] = {"group_policies": [], "group_hosts": []}
_HINTS: Mapping[str, str] = {"same_host": "same_hosts", "different_host": "different_hosts"}


class Companions:
    """What the message says of a group may be old: the books are read again for each choice, and
    who is chosen counts for those that come after. The servers that hints name count only within
    the project: of others nothing is found."""

    def __init__(self, database: Database, wanted: Sequence[Wanted]) -> None:
        self._groups: Mapping[str, group_places.Company] = {}
        self._hosts: dict[str, tuple[str, str | None]] = {}
        self._names: dict[tuple[str, str], dict[str, str]] = {}
        self._project_of = {one.uuid: _project(one) for one in wanted}
        self._name_of = {one.uuid: (_project(one), name) for one in wanted if (name := _name(one))}
        grouped = [one.uuid for one in wanted if one.filter_properties.get("group")]
        hinted = {uuid for one in wanted for key in _HINTS for uuid in _uuids(one, key)}
        if grouped or hinted or self._name_of:
            database.read(lambda db: self._read(db, grouped, hinted))

    def told(self, one: Wanted) -> Mapping[str, Any]:
        """filter_properties with where the others are now."""
        told: dict[str, Any] = {}
        if one.filter_properties.get("group"):
            company = self._groups.get(one.uuid)
            told |= company.facts(one.uuid) if company else _NO_GROUP
        for hint, key in _HINTS.items():
            if named := _uuids(one, hint):
                told[key] = self._hosts_of(named, _project(one))
        if name := self._name_of.get(one.uuid):
            others = self._names[name].items()
            told["named_group_hosts"] = sorted(h for uuid, h in others if uuid != one.uuid)
        return {**one.filter_properties, **told} if told else one.filter_properties

    def put(self, uuid: str, host: str) -> None:
        """Count the instance on the host that was chosen for it."""
        if uuid in self._groups:
            self._groups[uuid].put(uuid, host)
        if uuid in self._name_of:
            self._names[self._name_of[uuid]][uuid] = host
        if uuid in self._hosts:
            self._hosts[uuid] = (self._project_of[uuid], host)

    def take_away(self, uuid: str, host: str) -> None:
        """Forget what `put` counted."""
        if uuid in self._groups:
            self._groups[uuid].take_away(uuid, host)
        if uuid in self._name_of:
            self._names[self._name_of[uuid]].pop(uuid, None)
        if uuid in self._hosts:
            self._hosts[uuid] = (self._project_of[uuid], None)

    def _read(self, db: Session, grouped: Sequence[str], hinted: set[str]) -> None:
        if grouped:
            self._groups = group_places.companies(db, grouped)
        if hinted:
            self._hosts = neighbours.owners(db, hinted)
        if self._name_of:
            self._names = neighbours.of_names(db, set(self._name_of.values()))

    def _hosts_of(self, named: Sequence[str], project: str) -> list[str]:
        """Sorted; a host is named once for each server on it."""
        found = (self._hosts.get(uuid, ("", None)) for uuid in named)
        return sorted(host for owner, host in found if host and owner == project)


def _project(one: Wanted) -> str:
    return str(one.request_spec["instance_properties"]["project_id"])


def _hint(one: Wanted, name: str) -> Any:
    return (one.filter_properties.get("scheduler_hints") or {}).get(name)


def _uuids(one: Wanted, hint: str) -> list[str]:
    """In the form of the books, each once; what is no uuid is no server."""
    value = _hint(one, hint)
    found: dict[str, None] = {}
    for each in value if isinstance(value, list) else [value]:
        with suppress(ValueError):
            found[str(uuids.UUID(str(each)))] = None
    return list(found)


def _name(one: Wanted) -> str | None:
    """That of a group which has only a name: a server group is named by its uuid."""
    value = _hint(one, "group")
    if not isinstance(value, str) or not value:
        return None
    with suppress(ValueError):
        uuids.UUID(value)
        return None
    return value
