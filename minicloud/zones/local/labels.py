"""What owners write on servers here: on the locked row, so that nobody's words are lost."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import instances, quotas, tags
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.instance_states import Task, VmState
from minicloud.zones.local import limits

T = TypeVar("T")

MOST_TAGS: Final = 50
_WRITABLE: Final = frozenset({VmState.ACTIVE, VmState.PAUSED, VmState.SUSPENDED, VmState.STOPPED})


class LocalLabels:
    def __init__(self, conf: cfg.ConfigOpts, database: Database) -> None:
        self._conf, self._database = conf, database

    def merge_metadata(
        self, context: RequestContext, server: Instance, items: Mapping[str, str]
    ) -> Mapping[str, str]:
        return self._set(context, server, lambda meta: {**meta, **items})

    def replace_metadata(
        self, context: RequestContext, server: Instance, items: Mapping[str, str]
    ) -> Mapping[str, str]:
        return self._set(context, server, lambda meta: items)

    def delete_metadata(self, context: RequestContext, server: Instance, key: str) -> None:
        def change(db: Session, row: Instance, again: bool) -> None:
            rest = {name: value for name, value in row.meta.items() if name != key}
            if len(rest) < len(row.meta):
                self._describe(db, row, rest)
            elif not again:  # a second try finds what the first has done
                raise errors.NotFound("Metadata item was not found")

        self._changed(context, server, "delete metadata", change)

    def tags(self, context: RequestContext, server: Instance) -> Sequence[str]:
        return self._database.read(lambda db: _tags(db, server))

    def replace_tags(
        self, context: RequestContext, server: Instance, wanted: Sequence[str]
    ) -> Sequence[str]:
        def change(db: Session, row: Instance, again: bool) -> Sequence[str]:
            kept = tags.distinct(wanted)
            tags.clear(db, [row.uuid])
            tags.add(db, [row.uuid], kept)
            return kept

        return self._changed(context, server, "update tags", change)

    def clear_tags(self, context: RequestContext, server: Instance) -> None:
        def change(db: Session, row: Instance, again: bool) -> None:
            tags.clear(db, [row.uuid])

        self._changed(context, server, "delete tags", change)

    def add_tag(self, context: RequestContext, server: Instance, tag: str) -> bool:
        def change(db: Session, row: Instance, again: bool) -> bool:
            there = _tags(db, row)
            if tags.bears(there, tag):
                return again
            if len(there) >= MOST_TAGS:
                raise errors.BadRequest(
                    f"The number of tags exceeded the per-server limit {MOST_TAGS}"
                )
            tags.add(db, [row.uuid], [tag])
            return True

        return self._changed(context, server, "update tag", change)

    def delete_tag(self, context: RequestContext, server: Instance, tag: str) -> None:
        def change(db: Session, row: Instance, again: bool) -> None:
            if not tags.remove(db, row.uuid, tag) and not again:
                raise errors.TagNotFound(row.uuid, tag)

        self._changed(context, server, "delete tag", change)

    def _set(
        self,
        context: RequestContext,
        server: Instance,
        change: Callable[[Mapping[str, str]], Mapping[str, str]],
    ) -> Mapping[str, str]:
        usual = limits.usual(self._conf, context, server.project_id)

        def work(db: Session, row: Instance, again: bool) -> Mapping[str, str]:
            meta = dict(change(row.meta))
            limit = quotas.limits(db, server.project_id, server.user_id, usual)["metadata_items"]
            if 0 <= limit < len(meta):
                raise errors.TooMuchMetadata(limit)
            self._describe(db, row, meta)
            return meta

        return self._changed(context, server, "update metadata", work)

    def _describe(self, db: Session, row: Instance, meta: Mapping[str, str]) -> None:
        instances.describe(db, row.uuid, {"meta": meta, "updated_at": self._database.now()})

    def _changed(
        self,
        context: RequestContext,
        server: Instance,
        what: str,
        change: Callable[[Session, Instance, bool], T],
    ) -> T:
        """`change` is told whether it may have been made already."""

        def work(db: Session, again: bool) -> T:
            rows = instances.lock(db, [server.uuid])
            if not rows:
                raise errors.ServerNotFound(server.uuid)
            check(rows[0], what, is_admin=context.is_admin)
            return change(db, rows[0], again)

        return self._database.write_once(work, "api.labels")


def check(row: Instance, what: str, *, is_admin: bool) -> None:
    """Whether the owner may write on it now: lock, then state, whatever the task."""
    if row.locked_by and not is_admin:
        raise errors.InstanceLocked(row.uuid)
    if row.vm_state not in _WRITABLE and row.task_state != Task.PENDING:
        raise errors.InvalidState(what, row.uuid, "vm_state", row.vm_state)


def _tags(db: Session, server: Instance) -> list[str]:
    return tags.of(db, server.uuid)
