"""The servers that matter to a choice by where they are, as a scheduler counts them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import group_places
from minicloud.db.engine import Database
from minicloud.rpc.scheduler import Wanted
from minicloud.scheduler.hinted import Hinted

_NO_GROUP: Mapping[str, Any] = {"group_policies": [], "group_hosts": []}


class Companions:
    """What the message says of a group may be old: the books are read again for each choice, and
    who is chosen counts for those that come after."""

    _found: Mapping[str, group_places.Company] = {}  # by instance, of those that are in a group
    _hinted: Hinted = Hinted()

    def __init__(self, database: Database, wanted: Sequence[Wanted]) -> None:
        grouped = [one.uuid for one in wanted if one.filter_properties.get("group")]
        self._hinted = Hinted(wanted)

        def work(db: Session) -> None:
            self._found = group_places.companies(db, grouped) if grouped else {}
            self._hinted.read(db)

        if grouped or self._hinted:
            database.read(work)

    def told(self, one: Wanted) -> Mapping[str, Any]:
        """filter_properties with where the others are now."""
        facts: Mapping[str, Any] = {}
        if one.filter_properties.get("group"):
            company = self._found.get(one.uuid)
            facts = company.facts(one.uuid) if company else _NO_GROUP
        return {**one.filter_properties, **facts, **self._hinted.told(one)}

    def put(self, uuid: str, host: str) -> None:
        """Count the instance on the host that was chosen for it."""
        if uuid in self._found:
            self._found[uuid].put(uuid, host)
        self._hinted.put(uuid, host)

    def take_away(self, uuid: str, host: str) -> None:
        """Forget what `put` counted."""
        if uuid in self._found:
            self._found[uuid].take_away(uuid, host)
        self._hinted.take_away(uuid)
