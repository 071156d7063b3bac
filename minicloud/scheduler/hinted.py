"""The servers that hints name, by where they are: within the project, and of others nothing."""

import uuid as uuids
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy.orm import Session

from minicloud.db import neighbours
from minicloud.rpc.scheduler import Wanted

_SERVERS: Final = {"same_host": "same_hosts", "different_host": "different_hosts"}
_GROUP: Final = "named_group_hosts"


class Hinted:
    """Read once for a list of instances; who is chosen meanwhile counts for the next."""

    def __init__(self, wanted: Sequence[Wanted] = ()) -> None:
        self._project_of = {one.uuid: _project(one) for one in wanted}
        self._group_of = {one.uuid: (_project(one), g) for one in wanted if (g := _group(one))}
        self._named = {uuid for one in wanted for hint in _SERVERS for uuid in _uuids(one, hint)}
        self._hosts: dict[str, tuple[str, str | None]] | None = None  # None: not read
        self._members: dict[tuple[str, str], dict[str, str]] = {}

    @classmethod
    def supposed(cls, wanted: Sequence[Wanted]) -> "Hinted":
        """As the messages tell it, and nobody else."""
        made = cls(wanted)
        for one in wanted:
            if group := made._group_of.get(one.uuid):
                hosts = one.filter_properties.get(_GROUP) or ()
                made._members[group] = {f"member {n}": host for n, host in enumerate(hosts)}
        return made

    def __bool__(self) -> bool:
        """Whether there is anything to read."""
        return bool(self._named or self._group_of)

    def read(self, db: Session) -> None:
        if self._named:
            self._hosts = dict(neighbours.owners(db, self._named))
        if self._group_of:
            self._members = neighbours.of_names(db, set(self._group_of.values()))

    def told(self, one: Wanted) -> Mapping[str, Any]:
        """What the filters need; a host is named once for each server on it."""
        told = {}
        for hint, key in _SERVERS.items() if self._hosts is not None else ():
            if named := _uuids(one, hint):
                told[key] = self._hosts_of(named, _project(one))
        if group := self._group_of.get(one.uuid):
            others = self._members.get(group, {}).items()
            told[_GROUP] = sorted(host for uuid, host in others if uuid != one.uuid)
        return told

    def put(self, uuid: str, host: str) -> None:
        if uuid in self._group_of:
            self._members.setdefault(self._group_of[uuid], {})[uuid] = host
        if self._hosts and uuid in self._hosts:
            self._hosts[uuid] = (self._project_of[uuid], host)

    def take_away(self, uuid: str) -> None:
        """Forget what `put` counted of one that had no host before."""
        if uuid in self._group_of:
            self._members[self._group_of[uuid]].pop(uuid, None)
        if self._hosts and uuid in self._hosts:
            self._hosts[uuid] = (self._project_of[uuid], None)

    def _hosts_of(self, named: Sequence[str], project: str) -> list[str]:
        found = ((self._hosts or {}).get(uuid, ("", None)) for uuid in named)
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


def _group(one: Wanted) -> str | None:
    """The name of a group that has nothing else: a server group is named by its uuid."""
    value = _hint(one, "group")
    if not isinstance(value, str) or not value:
        return None
    with suppress(ValueError):
        uuids.UUID(value)
        return None
    return value
