"""Servers, and what was asked of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones import base
from tests.unit.api.fake_zone.rows import BROKEN, BUILDING, FOREIGN, OWN, REQUEST, T0, instance


def _rows() -> list[models.Instance]:
    unplaced: dict[str, Any] = {"host": None, "node": None, "launched_at": None}
    return [
        instance(1, OWN),
        instance(2, BUILDING, vm_state="building", task_state="scheduling", **unplaced),
        instance(3, BROKEN, vm_state="error", **unplaced),
        instance(9, FOREIGN, project_id="p2", user_id="bob"),
    ]


def _fault() -> models.InstanceFault:
    return models.InstanceFault(
        id=1,
        instance_uuid=BROKEN,
        code=500,
        machine_code="NO_VALID_HOST",
        message="No valid host was found. ",
        details={"ram": 3},
        created_at=T0,
    )


@dataclass
class FakeServers:
    rows: list[models.Instance] = field(default_factory=_rows)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    refusal: Exception | None = None

    def _note(self, *what: Any) -> None:
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal

    def _view(self, row: models.Instance) -> base.ServerView:
        fault = _fault() if row.uuid == BROKEN else None
        if row.host is None:
            return base.ServerView(row, fault, None, "")
        return base.ServerView(row, fault, "nova", "UP", "aGk=", {"query": "[]"})

    def create(self, context: RequestContext, wanted: base.NewServers) -> base.Created:
        self._note("create", wanted)
        if wanted.availability_zone == "nowhere" and not wanted.force_host:
            raise errors.BadRequest("The requested availability zone is not available")
        if wanted.flavor == "none":
            raise errors.FlavorNotFound(wanted.flavor)
        new = "aaaaaaaa-0000-4000-8000-00000000000f"
        return base.Created("r-new", [instance(15, new, context.project_id)])

    def check_room(self, context: RequestContext, wanted: base.NewServers) -> None:
        self._note("check_room", wanted)

    def find(
        self,
        context: RequestContext,
        uuid: str,
        *,
        anywhere: bool = False,
        deleted: bool = False,
    ) -> models.Instance:
        self._note("find", uuid)
        for row in self.rows:
            if row.uuid == uuid and (anywhere or row.project_id == context.project_id):
                return row
        raise errors.ServerNotFound(uuid)

    def show(
        self, context: RequestContext, uuid: str, *, anywhere: bool = False
    ) -> base.ServerView:
        return self._view(self.find(context, uuid, anywhere=anywhere))

    def list(
        self,
        context: RequestContext,
        filters: base.ServerFilters,
        page: base.Page,
        *,
        detail: bool,
        user_data: bool = False,
    ) -> Sequence[base.ServerView]:
        self._note("list", filters, page)
        rows = [row for row in self.rows if filters.project_id in (None, row.project_id)]
        for column, value in filters.equal.items():
            rows = [row for row in rows if getattr(row, column) == value]
        if page.marker is not None:
            places = [i for i, row in enumerate(rows) if row.uuid == page.marker]
            if not places:
                raise errors.BadRequest(f"marker [{page.marker}] not found")
            rows = rows[places[0] + 1 :]
        return [self._view(row) for row in rows[: page.limit]]

    def update(
        self, context: RequestContext, uuid: str, changes: Mapping[str, Any]
    ) -> base.ServerView:
        self._note("update", uuid, dict(changes))
        row = next(row for row in self.rows if row.uuid == uuid)
        for column, value in changes.items():
            setattr(row, column, value)
        return self._view(row)

    def delete(self, context: RequestContext, server: models.Instance) -> None:
        self._note("delete", server.uuid)

    def act(
        self,
        context: RequestContext,
        server: models.Instance,
        action: str,
        wish: Mapping[str, Any] | None = None,
    ) -> None:
        self._note("act", server.uuid, action, *([dict(wish)] if wish else []))

    def lock(self, context: RequestContext, server: models.Instance, reason: str | None) -> None:
        self._note("lock", server.uuid, reason)

    def unlock(
        self,
        context: RequestContext,
        server: models.Instance,
        may: Callable[[models.Instance], None] | None = None,
    ) -> None:
        if may is not None:
            may(server)
        self._note("unlock", server.uuid)

    def reset_state(self, context: RequestContext, server: models.Instance, vm_state: str) -> None:
        self._note("reset_state", server.uuid, vm_state)

    def abort_migration(
        self, context: RequestContext, server: models.Instance, migration_id: int
    ) -> None:
        self._note("abort", server.uuid, migration_id)

    def force_complete_migration(
        self, context: RequestContext, server: models.Instance, migration_id: int
    ) -> None:
        self._note("force_complete", server.uuid, migration_id)

    def console_output(
        self, context: RequestContext, server: models.Instance, lines: int | None
    ) -> str:
        self._note("console", server.uuid, lines)
        return "login:\x1b\x00 ok\n"

    def actions(
        self, context: RequestContext, uuid: str, wanted: base.ActionFilters = base.NO_FILTERS
    ) -> Sequence[models.InstanceAction]:
        self.find(context, uuid, anywhere=context.is_admin)
        since, before = wanted.changes_since or datetime.min, wanted.changes_before or datetime.max
        rows = [_action(2, "req-2"), _action(1, REQUEST)]
        rows = [row for row in rows if since <= row.updated_at <= before]
        if wanted.marker is not None:
            refs = [row.request_id for row in rows]
            if wanted.marker not in refs:
                raise errors.BadRequest(f"Marker {wanted.marker} could not be found.")
            rows = rows[refs.index(wanted.marker) + 1 :]
        return rows[: wanted.limit]

    def action(self, context: RequestContext, uuid: str, request_id: str) -> base.ActionView:
        self.find(context, uuid, anywhere=context.is_admin)
        if request_id != REQUEST:
            raise errors.ActionNotFound(request_id, uuid)
        event = models.InstanceEvent(
            id=1,
            action_id=1,
            event="compute__do_build_and_run_instance",
            start_time=T0,
            finish_time=T0,
            result="Error",
            details="no room",
            host="host-1",
        )
        return base.ActionView(_action(1, REQUEST), [event])


def _action(number: int, request_id: str) -> models.InstanceAction:
    return models.InstanceAction(
        id=number,
        instance_uuid=OWN,
        action="create",
        request_id=request_id,
        user_id="alice",
        project_id="p1",
        start_time=T0,
        updated_at=T0 + timedelta(hours=number),
        finish_time=None,
        message=None,
    )
