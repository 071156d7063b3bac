"""What a project may have and has, in this zone."""

from collections.abc import Mapping

from oslo_config import cfg

from minicloud.context import RequestContext
from minicloud.db import quotas
from minicloud.db.engine import Database
from minicloud.zones.base import Usage

RESOURCES = (
    "instances",
    "cores",
    "ram",
    "metadata_items",
    "key_pairs",
    "server_groups",
    "server_group_members",
)


class LocalLimits:
    def __init__(self, conf: cfg.ConfigOpts, database: Database) -> None:
        self._conf, self._database = conf, database

    def usage(self, context: RequestContext, project_id: str) -> Usage:
        return Usage(*self._database.read(lambda db: quotas.usage(db, project_id)))

    def absolute(self, context: RequestContext, project_id: str) -> Mapping[str, int]:
        return {name: int(self._conf.quota[name]) for name in RESOURCES}
