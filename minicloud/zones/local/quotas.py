"""Limits of projects, users and classes in this zone."""

from collections.abc import Mapping

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import quotas
from minicloud.db.engine import Database
from minicloud.db.quota_statements import DEFAULT_CLASS
from minicloud.zones.local.limits import defaults, usual
from minicloud.zones.quotas import Allowance


class LocalQuotas:
    def __init__(self, conf: cfg.ConfigOpts, database: Database) -> None:
        self._conf, self._database = conf, database

    def show(
        self, context: RequestContext, project_id: str, user_id: str | None
    ) -> Mapping[str, Allowance]:
        otherwise = usual(self._conf, context, project_id)
        return self._database.read(lambda db: _allowances(db, project_id, user_id, otherwise))

    def update(
        self,
        context: RequestContext,
        project_id: str,
        user_id: str | None,
        changes: Mapping[str, int],
        *,
        force: bool,
    ) -> Mapping[str, Allowance]:
        otherwise = usual(self._conf, context, project_id)

        def work(db: Session) -> Mapping[str, Allowance]:
            quotas.guard(db, project_id)
            if not force:
                _check(db, project_id, user_id, changes, otherwise)
            quotas.put(db, project_id, user_id or "", changes)
            return _allowances(db, project_id, user_id, otherwise)

        return self._database.write(work, "api.quota")

    def delete(self, context: RequestContext, project_id: str, user_id: str | None) -> None:
        def work(db: Session) -> None:
            quotas.guard(db, project_id)
            quotas.forget(db, project_id, user_id)

        self._database.write(work, "api.quota")

    def defaults(self, context: RequestContext) -> Mapping[str, int]:
        return self.show_class(context, DEFAULT_CLASS)

    def show_class(self, context: RequestContext, name: str) -> Mapping[str, int]:
        given = self._database.read(lambda db: quotas.of_class(db, name))
        return {**defaults(self._conf), **given}

    def update_class(
        self, context: RequestContext, name: str, changes: Mapping[str, int]
    ) -> Mapping[str, int]:
        self._database.write(lambda db: quotas.put_class(db, name, changes), "api.quota")
        return self.show_class(context, name)


def _allowances(
    db: Session, project_id: str, user_id: str | None, otherwise: quotas.Usual
) -> Mapping[str, Allowance]:
    limits = quotas.limits(db, project_id, user_id, otherwise)
    used = _used(db, project_id, user_id)
    return {name: Allowance(limit, used.get(name, 0)) for name, limit in limits.items()}


def _check(
    db: Session,
    project_id: str,
    user_id: str | None,
    changes: Mapping[str, int],
    otherwise: quotas.Usual,
) -> None:
    """A user's limit is within the project's; the project's is enough for its users'."""
    least = dict(_used(db, project_id, user_id))
    most: Mapping[str, int] = {}
    if user_id is not None:
        most = quotas.limits(db, project_id, None, otherwise)
    else:
        for name, given in quotas.given_to_users(db, project_id).items():
            least[name] = max(given, least.get(name, 0))
    for name, limit in changes.items():
        _check_one(name, limit, least.get(name, 0), most.get(name, -1))


def _used(db: Session, project_id: str, user_id: str | None) -> Mapping[str, int]:
    """What is counted by project. Key pairs and members of groups have no project: Nova says 0."""
    used = quotas.in_use(db, project_id, user_id)
    return {**used, "server_groups": quotas.server_groups(db, project_id, user_id)}


def _check_one(name: str, limit: int, least: int, most: int) -> None:
    if 0 <= limit < least:
        raise errors.BadRequest(
            f"Quota limit {limit} for {name} must be greater than or equal to "
            f"already used and reserved {least}."
        )
    if most >= 0 and not 0 <= limit <= most:
        raise errors.BadRequest(
            f"Quota limit {limit} for {name} must be less than or equal to {most}."
        )
