"""Dry runs in this zone: nothing is written, and the answer is a scheduler's."""

from collections.abc import Mapping
from typing import Any, Final

from oslo_config import cfg

from minicloud.conf.network import networks
from minicloud.context import RequestContext
from minicloud.db import actions, instances, models, quotas
from minicloud.db.engine import Database
from minicloud.instance_states import ACTIONS, PLACES
from minicloud.rpc.conductor import ConductorClient
from minicloud.zones.base import NewServers
from minicloud.zones.local import create, limits
from minicloud.zones.local.create import Terms
from minicloud.zones.local.hosts import LocalHosts
from minicloud.zones.local.server_groups import are_named
from minicloud.zones.scheduling import Prospect

_PLACING: Final = {"create", *(one.name for one in ACTIONS.values() if one.first in PLACES)}


class LocalScheduling:
    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        hosts: LocalHosts,
        conductor: ConductorClient,
    ) -> None:
        self._conf, self._database = conf, database
        self._hosts, self._conductor = hosts, conductor

    def what_if(
        self,
        context: RequestContext,
        wanted: NewServers,
        tell: int,
        project_id: str | None = None,
    ) -> Prospect:
        self._hosts.check_zone(wanted)
        whose = _for(context, project_id)
        usual = limits.usual(self._conf, whose, whose.project_id)
        terms = Terms(usual, networks(self._conf), 0.0, named_groups=are_named(self._conf))
        row, quota = self._database.read(lambda db: create.imagined(db, whose, wanted, terms))
        count = wanted.max_count if quota is None else min(wanted.max_count, quota)
        count = max(count, wanted.min_count)
        return Prospect(
            self._conductor.what_if(whose, _message(row, row.request), count, tell), count, quota
        )

    def last(
        self, context: RequestContext, server: models.Instance
    ) -> models.InstanceAction | None:
        return self._database.read(lambda db: actions.last_of(db, server.uuid, _PLACING))

    def now(self, context: RequestContext, server: models.Instance, tell: int) -> Prospect:
        whose = _for(context, server.project_id)
        usual = limits.usual(self._conf, whose, server.project_id)
        _user_data, request = self._database.read(lambda db: instances.wishes(db, server.id))
        bounds = self._database.read(
            lambda db: quotas.bounds(db, server.project_id, server.user_id, usual)
        )
        quota = create.by_quota(server, bounds)
        told = self._conductor.what_if(whose, _message(server, request), 1, tell)
        return Prospect(told, 1, quota)


def _for(context: RequestContext, project_id: str | None) -> RequestContext:
    """The caller, as if in that project."""
    if project_id in (None, context.project_id):
        return context
    other = {"project_id": project_id, "tenant": project_id, "quota_class": None}
    made: RequestContext = RequestContext.from_dict(
        {**context.to_dict(), **other}, overwrite=False
    )
    return made


def _message(row: models.Instance, request: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that say where an instance may go; `request` is read on its own."""
    left_out = ("created_at", "due_at", "deadline_at", "action_id", "request", "retry")
    facts = {c.key: getattr(row, c.key) for c in instances.PLACED if c.key not in left_out}
    return {**facts, "request": dict(request)}
