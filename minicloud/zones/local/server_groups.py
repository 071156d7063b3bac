"""Server groups of this zone."""

import uuid as uuids
from collections.abc import Mapping, Sequence
from typing import Any, Final

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import quotas, server_groups
from minicloud.db.engine import Database
from minicloud.db.models import ServerGroup
from minicloud.zones.local.limits import usual
from minicloud.zones.server_groups import ServerGroupView

_BY_NAME: Final = frozenset({"GroupAffinityFilter", "GroupAntiAffinityFilter"})
_NO_UUID: Final = "Invalid input for field/attribute group. Value: {0}. '{0}' is not a 'uuid'"


class LocalServerGroups:
    def __init__(self, conf: cfg.ConfigOpts, database: Database) -> None:
        self._conf, self._database = conf, database

    def list(
        self, context: RequestContext, limit: int, offset: int, *, everywhere: bool = False
    ) -> Sequence[ServerGroupView]:
        project_id = None if everywhere else context.project_id

        def work(db: Session) -> list[ServerGroupView]:
            rows = server_groups.page(db, project_id, limit, offset)
            members = server_groups.members(db, [row.id for row in rows]) if rows else {}
            return [ServerGroupView(row, members.get(row.id, [])) for row in rows]

        return self._database.read(work)

    def show(
        self, context: RequestContext, uuid: str, *, anywhere: bool = False
    ) -> ServerGroupView:
        def work(db: Session) -> ServerGroupView:
            row = server_groups.get(db, uuid)
            if not (anywhere or row.project_id == context.project_id):
                raise errors.ServerGroupNotFound(uuid)
            return ServerGroupView(row, server_groups.members(db, [row.id]).get(row.id, []))

        return self._database.read(work)

    def create(
        self, context: RequestContext, name: str, policy: str, rules: Mapping[str, Any]
    ) -> ServerGroupView:
        now = self._database.now()
        facts: dict[str, Any] = {
            "uuid": str(uuids.uuid4()),
            "project_id": context.project_id,
            "user_id": context.user_id,
            "name": name,
            "policy": policy,
            "rules": dict(rules),
        }

        def work(db: Session, again: bool) -> ServerGroup:
            quotas.guard(db, context.project_id)
            there = server_groups.find(db, facts["uuid"]) if again else None
            if there is not None:
                return there
            self._check_quota(db, context)
            return server_groups.add(db, facts, now)

        return ServerGroupView(self._database.write_once(work, "api.server_group"), [])

    def check_room(self, context: RequestContext) -> None:
        self._database.read(lambda db: self._check_quota(db, context))

    def _check_quota(self, db: Session, context: RequestContext) -> None:
        """One more must fit under the project's limit, and under the user's own."""
        otherwise = usual(self._conf, context, context.project_id)
        for user_id in (None, context.user_id):
            limits = quotas.limits(db, context.project_id, user_id, otherwise)
            used = quotas.server_groups(db, context.project_id, user_id)
            if 0 <= limits["server_groups"] <= used:
                raise errors.TooManyServerGroups

    def delete(self, context: RequestContext, group: ServerGroup) -> None:
        def work(db: Session, again: bool) -> None:
            if not server_groups.remove(db, group.uuid) and not again:
                raise errors.ServerGroupNotFound(group.uuid)

        self._database.write_once(work, "api.server_group")


def are_named(conf: cfg.ConfigOpts) -> bool:
    """Whether there may be groups that have a name and nothing else."""
    return not _BY_NAME.isdisjoint(conf.filter_scheduler.enabled_filters)


def joined(
    db: Session,
    context: RequestContext,
    hints: Mapping[str, Any],
    count: int,
    limit: int,
    *,
    hold: bool,
    named: bool,
) -> ServerGroup | None:
    """The group that new servers are asked into; `hold`: until the end of the transaction.

    `named`: what is no uuid is the name of a group that is nothing but the servers asked into it.
    Whoever holds it has the project's quota guard. BadRequest without such a group in the project,
    TooManyInGroup when it would have more servers of the user than `limit`.
    """
    if not hints.get("group"):
        return None
    try:
        ref = str(uuids.UUID(str(hints["group"])))
    except ValueError:
        if named:
            return None
        raise errors.BadRequest(_NO_UUID.format(hints["group"])) from None
    try:
        group = server_groups.get(db, ref, lock=hold)
        if group.project_id != context.project_id:
            raise errors.ServerGroupNotFound(ref)
    except errors.ServerGroupNotFound as error:
        raise errors.BadRequest(str(error)) from error
    if 0 <= limit < quotas.server_group_members(db, group.id, context.user_id) + count:
        raise errors.TooManyInGroup
    return group
