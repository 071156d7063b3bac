"""What a project may have and has, in this zone."""

from collections.abc import Mapping

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conf import quota
from minicloud.context import RequestContext
from minicloud.db import quotas
from minicloud.db.engine import Database
from minicloud.zones.base import Usage


def defaults(conf: cfg.ConfigOpts) -> Mapping[str, int]:
    """The limits of the options, by resource."""
    return {option.dest: int(conf.quota[option.dest]) for option in quota.OPTS}


def usual(conf: cfg.ConfigOpts, context: RequestContext, project_id: str) -> quotas.Usual:
    """What holds for a project that was given no limits; a class is known of the caller's own."""
    own = project_id == context.project_id
    return quotas.Usual(defaults(conf), context.quota_class if own else None)


class LocalLimits:
    def __init__(self, conf: cfg.ConfigOpts, database: Database) -> None:
        self._conf, self._database = conf, database

    def usage(self, context: RequestContext, project_id: str) -> Usage:
        def work(db: Session) -> Usage:
            return Usage(*quotas.usage(db, project_id), quotas.server_groups(db, project_id))

        return self._database.read(work)

    def absolute(self, context: RequestContext, project_id: str) -> Mapping[str, int]:
        otherwise = usual(self._conf, context, project_id)
        return self._database.read(lambda db: quotas.limits(db, project_id, None, otherwise))
