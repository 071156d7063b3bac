"""A simulated cloud where nothing goes wrong, for tests that want one thing to happen."""

from collections.abc import Iterator
from contextlib import contextmanager

from minicloud.compute.drivers.guests import Simulated
from minicloud.context import RequestContext
from minicloud.db.models import Instance
from minicloud.zones.base import NewServers, ServerView
from minicloud.zones.local import LocalZone
from tests.simulation.kernel import Kernel
from tests.simulation.oracle import check_all, watch_the_log
from tests.simulation.resting import guests
from tests.simulation.scenario import books, repeatable_uuids
from tests.simulation.workload import Ledger, alice, root
from tests.simulation.world import AGENTS, World


class CalmCloud:
    """Agents agent-1 (h1, h2) and agent-2 (h3); the caller is the client, and moves the time."""

    def __init__(self, kernel: Kernel, world: World) -> None:
        self.kernel, self.world = kernel, world

    @property
    def zone(self) -> LocalZone:
        assert self.world.zone is not None
        return self.world.zone

    @property
    def alice(self) -> RequestContext:
        return alice()

    @property
    def root(self) -> RequestContext:
        return root()

    def run_s(self, seconds: float) -> None:
        self.kernel.run_until(self.kernel.now_s + seconds)

    def create(self, flavor: str = "small", **wishes: object) -> str:
        wanted = NewServers(name="vm", flavor=flavor, image=None, **wishes)  # type: ignore[arg-type]
        return self.zone.servers.create(alice(), wanted).servers[0].uuid

    def boot(self, flavor: str = "small", **wishes: object) -> str:
        """A server that is ACTIVE."""
        uuid = self.create(flavor, **wishes)
        self.run_s(10.0)
        assert self.row(uuid).vm_state == "active"
        return uuid

    def act(self, uuid: str, action: str, **wish: object) -> None:
        """Ask for it, as an administrator."""
        self.zone.acts.act(root(), self.row(uuid), action, wish)

    def row(self, uuid: str) -> Instance:
        return self.zone.servers.find(root(), uuid, anywhere=True)

    def reset_state(self, uuid: str, vm_state: str) -> None:
        self.zone.acts.reset_state(root(), self.row(uuid), vm_state)

    def guests(self, uuid: str) -> dict[str, Simulated]:
        """host -> the guest of this server on it."""
        return {host: g for (host, of), g in guests(self.world).items() if of == uuid}

    def lose_guest(self, host: str, uuid: str) -> None:
        agent = next(agent for agent, hosts in AGENTS.items() if host in hosts)
        self.world.stores[agent].remove(host, uuid)

    def change_guest(self, host: str, guest: Simulated) -> None:
        """Behind the cloud's back."""
        agent = next(agent for agent, hosts in AGENTS.items() if host in hosts)
        self.world.stores[agent].put(host, guest)

    def problems(self) -> list[str]:
        """What is not as it must be at rest."""
        check_all(self.world, Ledger())
        return self.kernel.problems

    def show(self, uuid: str) -> ServerView:
        return self.zone.servers.show(alice(), uuid)


@contextmanager
def calm_cloud(
    seed: int = 1,
    *,
    age_s: float = 8.0,
    crash_at: str | None = None,
    reclaim_s: int = 0,
    offload_s: int = 0,
) -> Iterator[CalmCloud]:
    """Some simulated seconds old: all is up, all hosts are known.

    `crash_at`: the first process that reaches this place dies there, and stays dead. `reclaim_s`,
    `offload_s`: reclaim_instance_interval and shelved_offload_time.
    """
    kernel = Kernel(seed)
    with repeatable_uuids(kernel), watch_the_log(kernel):
        database = books(kernel)
        database.crash_at = crash_at
        world = World(kernel, database, reclaim_s, offload_s)
        world.start_all()
        kernel.run_until(age_s)
        yield CalmCloud(kernel, world)
