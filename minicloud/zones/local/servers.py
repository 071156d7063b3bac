"""Servers of this zone: intents are written here, and nothing else is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.conf.network import networks
from minicloud.context import RequestContext
from minicloud.db import actions, hosts, instances, listing, models, quotas, server_groups, tags
from minicloud.db.engine import Database
from minicloud.instance_states import VmState
from minicloud.rpc.compute import ComputeClient
from minicloud.zones.base import (
    NO_FILTERS,
    ActionFilters,
    ActionView,
    Created,
    NewServers,
    Page,
    ServerFilters,
    ServerView,
)
from minicloud.zones.local import create, limits
from minicloud.zones.local.create import Terms
from minicloud.zones.local.hosts import LocalHosts
from minicloud.zones.local.server_groups import are_named
from minicloud.zones.wakes import Wakes


class LocalServers:
    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        local_hosts: LocalHosts,
        wakes: Wakes,
        compute: ComputeClient,
    ) -> None:
        self._conf, self._database = conf, database
        self._hosts, self._wakes, self._compute = local_hosts, wakes, compute
        self._look_again_s: float = conf.api.look_again_s

    def create(self, context: RequestContext, wanted: NewServers) -> Created:
        self._hosts.check_zone(wanted)
        terms = self._terms(context)
        now = self._database.now()

        def work(db: Session, again: bool) -> tuple[str, list[models.Instance], bool]:
            if again:
                quotas.guard(db, context.project_id)  # it may even be under way: wait for it
                made = instances.created_by(db, context.request_id)
                if made:
                    return made[0].reservation_id, made, False
            return create.write(db, context, wanted, terms, now)

        reservation_id, rows, replayed = self._database.write_once(work, "api.create")
        if not replayed:
            self._wakes.build(context, [row.uuid for row in rows])
        return Created(reservation_id, rows, replayed)

    def check_room(self, context: RequestContext, wanted: NewServers) -> None:
        self._hosts.check_zone(wanted)
        terms = self._terms(context)
        self._database.read(lambda db: create.check(db, context, wanted, terms))

    def _terms(self, context: RequestContext) -> Terms:
        usual = limits.usual(self._conf, context, context.project_id)
        most_pending_s: int = self._conf.api.max_pending_timeout
        named = are_named(self._conf)
        return Terms(usual, networks(self._conf), self._look_again_s, most_pending_s, named)

    def find(
        self,
        context: RequestContext,
        uuid: str,
        *,
        anywhere: bool = False,
        deleted: bool = False,
    ) -> models.Instance:
        row = self._database.read(lambda db: instances.get(db, uuid, deleted=deleted))
        if row is None or not (anywhere or row.project_id == context.project_id):
            raise errors.ServerNotFound(uuid)
        return row

    def show(self, context: RequestContext, uuid: str, *, anywhere: bool = False) -> ServerView:
        row = self.find(context, uuid, anywhere=anywhere)
        (user_data, request), group, tagged = self._database.read(
            lambda db: (
                instances.wishes(db, row.id),
                server_groups.of_instance(db, row.uuid),
                tags.of(db, row.uuid),
            )
        )
        (view,) = self._views([row], [request], [user_data], [tagged])
        return replace(view, group=group, explanation=self._explained(view.fault))

    def _explained(self, fault: models.InstanceFault | None) -> Mapping[str, Any] | None:
        if fault is None or fault.action_id is None or not (fault.details or {}).get("counts"):
            return None
        action_id = fault.action_id
        decision = self._database.read(lambda db: actions.decision(db, action_id)) or {}
        return decision.get("explanation")

    def list(
        self,
        context: RequestContext,
        filters: ServerFilters,
        page: Page,
        *,
        detail: bool,
        user_data: bool = False,
    ) -> Sequence[ServerView]:
        filters = self._in_zone(filters)
        rows = self._database.read(
            lambda db: listing.page(db, filters, page, detail=detail, user_data=user_data)
        )
        if not detail:
            return [ServerView(row, None, None, "") for row in rows]
        texts = [row.user_data if user_data else None for row in rows]
        requests, tagged = [row.request for row in rows], [listing.tags_of(row) for row in rows]
        return self._views(rows, requests, texts, tagged)

    def _in_zone(self, filters: ServerFilters) -> ServerFilters:
        """A server is in the zone of its host, whatever was asked for."""
        name = filters.equal.get("availability_zone")
        if name is None:
            return filters
        equal = {key: value for key, value in filters.equal.items() if key != "availability_zone"}
        return replace(filters, equal=equal, zone=self._hosts.in_zone(name))

    def update(self, context: RequestContext, uuid: str, changes: Mapping[str, Any]) -> ServerView:
        now = self._database.now()
        self._check_pin(context, uuid, changes.get("availability_zone"))

        def work(db: Session) -> None:
            instances.describe(db, uuid, {**changes, "updated_at": now})

        self._database.write(work, "api.update")
        return self.show(context, uuid, anywhere=True)

    def console_output(
        self, context: RequestContext, server: models.Instance, lines: int | None
    ) -> str:
        host = server.host
        if not host:
            raise errors.InstanceNotReady(server.uuid)
        agent = self._database.read(lambda db: hosts.agents_of(db, [host])).get(host)
        if agent is None:
            raise errors.InstanceNotReady(server.uuid)
        return self._compute.console_output(context, agent, host, server.uuid, lines)

    def actions(
        self, context: RequestContext, uuid: str, wanted: ActionFilters = NO_FILTERS
    ) -> Sequence[models.InstanceAction]:
        def work(db: Session) -> Sequence[models.InstanceAction]:
            _check_log(db, context, uuid)
            return actions.of_instance(db, uuid, wanted)

        return self._database.read(work)

    def action(self, context: RequestContext, uuid: str, request_id: str) -> ActionView:
        def work(db: Session) -> ActionView:
            _check_log(db, context, uuid)
            found = actions.one(db, uuid, request_id)
            if found is None:
                raise errors.ActionNotFound(request_id, uuid)
            return ActionView(*found)

        return self._database.read(work)

    def _check_pin(self, context: RequestContext, uuid: str, zone: str | None) -> None:
        """A server is pinned to the zone that it is in, and first let go of any other."""
        if zone is None:
            return
        server = self.find(context, uuid, anywhere=True)
        if server.availability_zone is not None:
            if zone != server.availability_zone:
                raise errors.PinnedElsewhere
            return
        host = server.host or ""
        current, _status = self._hosts.of_instances({host}).get(host, (None, ""))
        if zone != current:
            raise errors.ZoneOfNoHost(current or "", zone)

    def _views(
        self,
        rows: Sequence[models.Instance],
        requests: Sequence[Mapping[str, Any]],
        texts: Sequence[str | None],
        tagged: Sequence[Sequence[str]],
    ) -> Sequence[ServerView]:
        failed = [r.uuid for r in rows if r.vm_state in (VmState.ERROR, VmState.DELETED)]
        faults = (
            self._database.read(lambda db: actions.latest_faults(db, failed)) if failed else {}
        )
        where = self._hosts.of_instances({row.host for row in rows if row.host})
        views = []
        for row, request, text, own in zip(rows, requests, texts, tagged, strict=True):
            zone, status = where.get(row.host or "", (None, "UNKNOWN" if row.host else ""))
            fault, told = faults.get(row.uuid), _asked_for(request)
            views.append(ServerView(row, fault, zone, status, text, *told, own))
        return views


def _asked_for(request: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Hints, security groups and properties of the image, of the request that made a server."""
    return (
        request.get("hints") or {},
        request.get("security_groups") or ["default"],
        (request.get("image") or {}).get("properties") or {},
    )


def _check_log(db: Session, context: RequestContext, uuid: str) -> None:
    """A log is its server's owner's, also where the actions were an administrator's."""
    owner = instances.owner(db, uuid)
    if owner is None or not (context.is_admin or owner == context.project_id):
        raise errors.ServerNotFound(uuid)
