"""Where the servers of this zone are."""

from collections.abc import Mapping, Sequence

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import hosts, instances
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode, Instance


class LocalGuests:
    def __init__(self, database: Database) -> None:
        self._database = database

    def hosts_of(self, context: RequestContext, uuids: Sequence[str]) -> Mapping[str, str | None]:
        found = self._database.read(lambda db: instances.rows_of(db, uuids))
        return {uuid: row.host for uuid, row in found.items()}

    def node_of(self, context: RequestContext, server: Instance) -> ComputeNode:
        host = server.host
        node = self._database.read(lambda db: hosts.named(db, host)) if host else None
        if node is None:
            raise errors.InstanceNotReady(server.uuid)
        return node
