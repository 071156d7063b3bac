"""A simulated cloud where nothing goes wrong, for tests that want one thing to happen."""

from collections.abc import Iterator
from contextlib import contextmanager

from minicloud.context import RequestContext
from minicloud.zones.base import NewServers, ServerView
from minicloud.zones.local import LocalZone
from tests.simulation.kernel import Kernel
from tests.simulation.oracle import watch_the_log
from tests.simulation.scenario import books, repeatable_uuids
from tests.simulation.workload import alice
from tests.simulation.world import World


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

    def run_s(self, seconds: float) -> None:
        self.kernel.run_until(self.kernel.now_s + seconds)

    def create(self, flavor: str = "small", **wishes: object) -> str:
        wanted = NewServers(name="vm", flavor=flavor, image=None, **wishes)  # type: ignore[arg-type]
        return self.zone.servers.create(alice(), wanted).servers[0].uuid

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
