"""Actions on the servers of this zone: intents are written here, and wakes sent after them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import actions, hosts, instances, models
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.instance_states import POWER_AT_REST, Power, Task, VmState
from minicloud.servicegroup.base import COMPUTE
from minicloud.zones.acts import Judge
from minicloud.zones.local import acting, moving, treating
from minicloud.zones.local.acting import RefusedBy, Start
from minicloud.zones.local.hosts import LocalHosts
from minicloud.zones.wakes import Wakes

_HOOKS: Final = {**moving.HOOKS, **treating.HOOKS}
_UP: Final = frozenset({"UP", "MAINTENANCE"})
_FROM_A_HOST_THAT_IS_UP: Final = frozenset({"resize", "migrate", "live_migrate"})


class LocalActs:
    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        local_hosts: LocalHosts,
        wakes: Wakes,
        refused_by: RefusedBy | None = None,
    ) -> None:
        self._conf, self._database, self._refused_by = conf, database, refused_by
        self._hosts, self._wakes = local_hosts, wakes
        self._look_again_s: float = conf.api.look_again_s

    def act(
        self,
        context: RequestContext,
        server: models.Instance,
        action: str,
        wish: Mapping[str, Any] | None = None,
    ) -> None:
        wish = wish or {}
        self._check_hosts(context, server, action, wish)

        def work(start: Start) -> bool:
            return acting.begin(start, _HOOKS, self._look_again_s)

        self._write(context, server, action, work, wish)

    def delete(self, context: RequestContext, server: models.Instance) -> None:
        on_a_host = server.host and server.vm_state != VmState.SHELVED_OFFLOADED
        reclaimed = self._conf.reclaim_instance_interval > 0
        soft = on_a_host and reclaimed and server.launched_at
        is_kept = server.vm_state == VmState.SOFT_DELETED and server.task_state != Task.RESTORING
        if server.task_state == Task.DELETING or (is_kept and reclaimed):
            acting.check_lock(server, is_admin=context.is_admin)
            return  # a second delete changes nothing
        self.act(context, server, "soft_delete" if soft else "delete")

    def lock(self, context: RequestContext, server: models.Instance, reason: str | None) -> None:
        def work(start: Start) -> bool:
            mine = context.project_id == start.row.project_id
            if not (start.row.locked_by == "admin" and mine):
                facts = {"locked_by": "owner" if mine else "admin", "locked_reason": reason}
                instances.describe(start.db, start.row.uuid, facts)
            self._log(start, "lock")
            return False

        self._write(context, server, "lock", work)

    def unlock(
        self, context: RequestContext, server: models.Instance, may: Judge | None = None
    ) -> None:
        def work(start: Start) -> bool:
            if may is not None:
                may(start.row)
            facts = {"locked_by": None, "locked_reason": None}
            instances.describe(start.db, start.row.uuid, facts)
            self._log(start, "unlock")
            return False

        self._write(context, server, "unlock", work)

    def reset_state(self, context: RequestContext, server: models.Instance, vm_state: str) -> None:
        def work(start: Start) -> bool:
            facts = moving.take_back(start)
            facts |= acting.overtake(start, f"the state was reset to {vm_state}")
            if start.row.vm_state == VmState.BUILDING and start.row.host:
                hosts.give_back(start.db, start.row.host, Need(building=1), start.now)
            power = POWER_AT_REST.get(VmState(vm_state), Power(start.row.power_state))
            rest = instances.rest(vm_state, start.now) | {"old_vm_state": None}
            changes = {**facts, **rest, "power_state": int(power)}
            instances.rewrite(start.db, [(start.row, changes)])
            return False

        self._write(context, server, "reset_state", work)

    def abort_migration(
        self, context: RequestContext, server: models.Instance, migration_id: int
    ) -> None:
        def work(start: Start) -> bool:
            acting.check_lock(start.row, is_admin=context.is_admin)
            moving.abort(start, migration_id)
            facts = acting.overtake(start, "the live migration was called off")
            rest = instances.rest(start.row.vm_state, start.now)
            instances.rewrite(start.db, [(start.row, {**facts, **rest})])
            self._log(start, "live_migration_cancel")
            return False

        self._write(context, server, "abort_migration", work)

    def force_complete_migration(
        self, context: RequestContext, server: models.Instance, migration_id: int
    ) -> None:
        def work(start: Start) -> bool:
            acting.check_lock(start.row, is_admin=context.is_admin)
            moving.force_complete(start, migration_id)
            self._log(start, "live_migration_force_complete")
            return False

        self._write(context, server, "force_complete", work)

    def _write(
        self,
        context: RequestContext,
        server: models.Instance,
        name: str,
        work: Callable[[Start], bool],
        wish: Mapping[str, Any] | None = None,
    ) -> None:
        """Do the work on the locked row, once, and wake whoever is next."""

        def transaction(db: Session, again: bool) -> tuple[bool, tuple[str, str] | None]:
            if again and actions.one(db, server.uuid, context.request_id):
                return False, self._agent_of(db, server.uuid)  # done; only the answer was lost
            rows = instances.lock(db, [server.uuid])
            if not rows:
                raise errors.ServerNotFound(server.uuid)
            now = self._database.now()
            start = Start(db, self._conf, context, rows[0], name, now, {}, wish or {})
            start.refused_by = self._refused_by
            return work(start), self._agent_of(db, server.uuid)

        for_conductor, agent = self._database.write_once(transaction, f"api.{name}")
        if for_conductor:
            self._wakes.build(context, [server.uuid])
        elif agent is not None:
            self._wakes.look(context, *agent)

    def _agent_of(self, db: Session, uuid: str) -> tuple[str, str] | None:
        """(agent, host) of whoever has something to do for the instance."""
        host = instances.actor(db, uuid)
        agent = hosts.agents_of(db, [host]).get(host) if host else None
        return (agent, host) if agent and host else None

    def _log(self, start: Start, name: str) -> None:
        """An action that is over as soon as it is accepted."""
        started = actions.start(start.db, [start.row.uuid], name, start.who, start.now)
        actions.finish(start.db, started.values(), actions.SUCCESS, start.now)

    def _check_hosts(
        self,
        context: RequestContext,
        server: models.Instance,
        action: str,
        wish: Mapping[str, Any],
    ) -> None:
        """Whether the hosts that the action is about are there, and up or down as it needs."""
        if server.host and action == "evacuate" and self._is_up(server.host):
            raise errors.ServiceStillUp(server.host)
        if server.host and action in _FROM_A_HOST_THAT_IS_UP and not self._is_up(server.host):
            raise errors.SourceDown(server.uuid)
        host, zone = wish.get("host"), wish.get("availability_zone")
        if host and not self._hosts.services(context, host=host, binary=COMPUTE):
            raise errors.BadRequest(f"Compute host {host} could not be found.")
        if zone and zone not in self._hosts.zone_names():
            raise errors.BadRequest("The requested availability zone is not available")

    def _is_up(self, host: str) -> bool:
        _zone, status = self._hosts.of_instances({host}).get(host, ("", "DOWN"))
        return status in _UP
