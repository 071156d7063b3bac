"""The members of server groups, as a scheduler counts them while it chooses."""

from collections.abc import Mapping, Sequence
from typing import Any

from minicloud.db import group_places
from minicloud.db.engine import Database
from minicloud.rpc.scheduler import Wanted

_NO_GROUP: Mapping[str, Any] = {"group_policies": [], "group_hosts": []}


class Companions:
    """What the message says of a group may be old: the books are read again for each choice, and
    who is chosen counts for those of the same group that come after."""

    def __init__(self, database: Database, wanted: Sequence[Wanted]) -> None:
        named = [one.uuid for one in wanted if one.filter_properties.get("group")]
        self._found = database.read(lambda db: group_places.companies(db, named)) if named else {}

    def told(self, one: Wanted) -> Mapping[str, Any]:
        """filter_properties with where the group's other members are now."""
        if not one.filter_properties.get("group"):
            return one.filter_properties
        company = self._found.get(one.uuid)
        facts = company.facts(one.uuid) if company else _NO_GROUP
        return {**one.filter_properties, **facts}

    def put(self, uuid: str, host: str) -> None:
        """Count the instance on the host that was chosen for it."""
        if uuid in self._found:
            self._found[uuid].put(uuid, host)

    def take_away(self, uuid: str, host: str) -> None:
        """Forget what `put` counted."""
        if uuid in self._found:
            self._found[uuid].take_away(uuid, host)
