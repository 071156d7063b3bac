"""What clients do: an owner and an administrator, with every action there is."""

import uuid as uuids
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import migrations
from minicloud.db.models import Instance
from minicloud.instance_states import ACTIONS, FINAL, VmState
from minicloud.zones.base import NewServers
from minicloud.zones.local import LocalZone
from tests.simulation.books import IMAGE
from tests.simulation.kernel import Kernel
from tests.simulation.world import AGENTS, World

_BY_ADMIN: Final = frozenset({"migrate", "live_migrate", "evacuate", "shelve_offload"})
_NOT_CHOSEN: Final = FINAL  # deletes are asked for on their own
# Twice as likely as the others: they lead far.
_OFTEN: Final = ("resize", "migrate", "confirm_resize", "revert_resize", "live_migrate", "shelve")
PATIENCE_S: Final = 12  # of those that wait for room: they are at rest when all is calm


@dataclass
class Ledger:
    """What clients were told."""

    created: list[str] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)  # request id -> servers it made
    acts: dict[str, str] = field(default_factory=dict)  # request id -> action that was accepted
    passwords: dict[str, str] = field(default_factory=dict)  # request id -> hash, if it was asked
    deleted: set[str] = field(default_factory=set)
    softly: set[str] = field(default_factory=set)  # deleted, perhaps to be restored
    restored: set[str] = field(default_factory=set)  # asked for, whatever the answer
    reset: set[str] = field(default_factory=set)  # asked for, whatever the answer
    lost_hosts: set[str] = field(default_factory=set)  # dead for good
    tampered: set[str] = field(default_factory=set)  # guests changed behind the cloud's back


class Workload:
    def __init__(
        self,
        kernel: Kernel,
        world: World,
        told: Ledger,
        soon: Callable[[Callable[[], None]], None],
    ) -> None:
        self._kernel, self._world, self._told, self._soon = kernel, world, told, soon
        self._dice = kernel.dice

    def begin(self) -> None:
        """Some servers that are there when the faults begin."""
        for _ in range(self._dice.randint(1, 4)):
            self._as_client(self._create)

    def plan(self) -> None:
        dice = self._dice
        for _ in range(dice.randint(1, 4)):
            self._soon(lambda: self._as_client(self._create))
        for _ in range(dice.choice((5, 60, 120, 180))):
            self._soon(lambda: self._as_client(self._act))
        for _ in range(dice.randint(0, 4)):
            self._soon(lambda: self._as_client(self._delete))
        for _ in range(dice.choice((0, 10))):
            self._soon(lambda: self._as_client(self._evacuate))
        rare = (self._force_delete, self._reset_state, self._lock, *[self._unlock] * 3)
        for work in (*rare, *[self._abort] * 5):
            for _ in range(dice.choice((0, 0, 1))):
                self._soon(lambda work=work: self._as_client(work))  # type: ignore[misc]

    @property
    def _zone(self) -> LocalZone:
        assert self._world.zone is not None
        return self._world.zone

    def _as_client(self, work: Callable[[], None]) -> None:
        api = self._world.processes["api"]
        if api.alive and self._world.zone is not None:
            api.start(lambda: self._forgiving(work))

    def _forgiving(self, work: Callable[[], None]) -> None:
        try:
            work()
        except errors.MinicloudError as error:
            self._kernel.say("client", f"refused: {type(error).__name__}: {error}")

    def _create(self) -> None:
        dice = self._dice
        meta: dict[str, str] = {}
        if self._kernel.chance(0.15):
            meta["fake:fail_spawn"] = dice.choice(("h1", "h3", "*"))
        if self._kernel.chance(0.3):
            meta["fake:spawn_s"] = f"{dice.uniform(0.1, 4.0):.1f}"
        flavor = dice.choice((*["small"] * 5, *["half"] * 4, "huge"))
        wanted = NewServers(
            name="vm",
            flavor=flavor,
            hints={} if flavor == "small" else {"pending_timeout": PATIENCE_S},
            image=None,
            max_count=dice.choice((1, 1, 1, 1, 3)),
            force_host=dice.choice((None, None, None, None, None, "h1", "h3")),
            meta=meta,
        )
        who = alice()
        created = self._zone.servers.create(who, wanted)
        self._told.requests[who.request_id] = len(created.servers)
        for row in created.servers:
            self._told.created.append(row.uuid)
            self._kernel.say("client", f"created {row.uuid[:8]} {wanted.flavor} {meta}")

    def _act(self) -> None:
        """Mostly what the state allows, and now and then what it does not."""
        server = self._idle_server()
        if server is None:
            return
        fits = [
            name
            for name, rule in ACTIONS.items()
            if name not in _NOT_CHOSEN and server.vm_state in rule.vm_states
        ]
        fits += [name for name in fits if name in _OFTEN]
        if not fits or self._kernel.chance(0.05):
            fits = sorted(set(ACTIONS) - _NOT_CHOSEN)
        action = self._dice.choice(fits)
        who = root() if action in _BY_ADMIN or self._kernel.chance(0.1) else alice()
        if action == "restore":
            self._told.restored.add(server.uuid)
        self._ask(who, server, action)

    def evacuate_all(self, hosts: Collection[str | None]) -> None:
        """What an administrator does about hosts that will not be back."""
        for row in self._there():
            if row.host in hosts:
                self._as_client(lambda row=row: self._ask(root(), row, "evacuate"))  # type: ignore[misc]

    def _evacuate(self) -> None:
        away = {
            host
            for agent, hosts in AGENTS.items()
            if not self._world.processes[agent].alive or agent in self._world.weather.cut_off
            for host in hosts
        }
        left = [row for row in self._there() if row.host in away]
        if left:
            self._ask(root(), self._dice.choice(left), "evacuate")

    def _ask(self, who: RequestContext, server: Instance, action: str) -> None:
        wish = self._wish(action)
        if action == "change_password":
            self._told.passwords[who.request_id] = wish["password_hash"]
        self._zone.acts.act(who, server, action, wish)
        self._told.acts[who.request_id] = ACTIONS[action].name
        self._kernel.say("client", f"{action} {server.uuid[:8]}")

    def _there(self) -> list[Instance]:
        query = sa.select(Instance).where(Instance.deleted == 0).order_by(Instance.id)
        return self._world.books.read(lambda db: list(db.scalars(query)))

    def _wish(self, action: str) -> Mapping[str, Any]:
        dice = self._dice
        hosts = ("h1", "h2", "h3")
        host = dice.choice((None, None, None, *hosts))
        match action:
            case "resize":
                return {"flavor": dice.choice(("small", "half", "half", "huge"))}
            case "migrate":
                return {"host": host}
            case "live_migrate":
                return {"host": host, "force": self._kernel.chance(0.3)}
            case "evacuate":
                stay_off = self._kernel.chance(0.5)
                return {"host": host, "force": self._kernel.chance(0.3), "stay_off": stay_off}
            case "unshelve":
                return {"host": host} if host else {}
            case "rebuild":
                return {"image": IMAGE, "password_hash": "$6$new"}
            case "rescue":
                return {"image": dice.choice((None, IMAGE)), "password_hash": "$6$rescue"}
            case "change_password":
                return {"password_hash": f"$6${uuids.uuid4()}"}
            case "create_image" | "create_backup":
                kind = {"name": "saved", "image_id": str(uuids.uuid4())}
                return kind | {"backup_type": "daily", "rotation": dice.choice((0, 1, 2))}
        return {}

    def _delete(self) -> None:
        server = self._any_server()
        if server is None:
            return
        self._zone.acts.delete(alice(), server)
        soft = self._world.reclaim_s > 0
        (self._told.softly if soft else self._told.deleted).add(server.uuid)
        self._kernel.say("client", f"deleted {server.uuid[:8]}")

    def _force_delete(self) -> None:
        server = self._any_server()
        if server is not None:
            self._zone.acts.act(root(), server, "force_delete")
            self._told.deleted.add(server.uuid)
            self._kernel.say("client", f"deleted {server.uuid[:8]} by force")

    def _reset_state(self) -> None:
        server = self._any_server()
        if server is not None:
            self._told.reset.add(server.uuid)
            state = self._dice.choice((VmState.ACTIVE, VmState.ERROR))
            self._zone.acts.reset_state(root(), server, state)
            self._kernel.say("client", f"reset {server.uuid[:8]} to {state}")

    def _abort(self) -> None:
        server = self._any_server()
        if server is None:
            return
        moves = self._world.books.read(lambda db: migrations.open_of(db, [server.uuid]))
        if server.uuid in moves:
            self._zone.acts.abort_migration(root(), server, moves[server.uuid].id)
            self._kernel.say("client", f"called the move of {server.uuid[:8]} off")

    def _lock(self) -> None:
        server = self._any_server()
        if server is not None:
            self._zone.acts.lock(self._dice.choice((root, alice))(), server, None)

    def _unlock(self) -> None:
        server = self._any_server()
        if server is not None:
            self._zone.acts.unlock(root(), server)

    def _idle_server(self) -> Instance | None:
        """One with nothing under way, mostly."""
        there = self._there()
        idle = [row for row in there if row.task_state is None and row.launched_at is not None]
        chosen = there if self._kernel.chance(0.1) else idle
        return self._dice.choice(chosen) if chosen else None

    def _any_server(self) -> Instance | None:
        """One as a client finds it; ServerNotFound for one that is gone."""
        if not self._told.created:
            return None
        uuid = self._dice.choice(self._told.created)
        return self._zone.servers.find(root(), uuid, anywhere=True)


def alice() -> RequestContext:
    return RequestContext(
        user_id="alice", project_id="p1", roles=["member"], is_admin=False, overwrite=False
    )


def root() -> RequestContext:
    return RequestContext(
        user_id="root", project_id="p0", roles=["admin"], is_admin=True, overwrite=False
    )
