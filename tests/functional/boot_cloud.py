"""A cloud in this process put together from cmd/parts.py, without the HTTP in front."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa
from oslo_config import cfg

from minicloud.api.app import load
from minicloud.cmd.parts import Parts, service_group
from minicloud.compute.drivers.fake import FakeDriver
from minicloud.context import RequestContext
from minicloud.db import flavors, hosts, instances, schema
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode, Service
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.line import Line
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.steps import nothing
from minicloud.servicegroup.base import COMPUTE
from minicloud.zones.base import ActionView, NewServers, ServerView, ZoneHolder
from tests.functional.over_books import Call, asked
from tests.options import defaults

T = TypeVar("T")
PATIENCE_S = 60.0
HOSTS = ("node1", "node2", "node3")
_INTERVALS = (
    ("poll_interval_s", "compute", 0.5),
    ("full_look_interval_s", "compute", 1.0),
    ("tick_s", "conductor", 0.2),
    ("report_interval_s", "servicegroup", 0.5),
    ("service_down_time_s", "servicegroup", 3.0),
)


class BootCloud:
    """One client's view: alice of project p1."""

    def __init__(self, conf: cfg.ConfigOpts, line: Line) -> None:
        self.conf, self.line = conf, line
        self.alice = RequestContext(
            user_id="alice", project_id="p1", roles=["member"], is_admin=False, overwrite=False
        )
        self.books = Database(conf.database.connection, pool_size=conf.database.pool_size)
        schema.create(self.books)
        self.books.write(lambda db: flavors.add_devstack(db, self.books.now()))
        clock = SystemClock()
        self.hypervisor = FakeDriver(conf, clock, "observer")  # the same guests, seen from outside
        self.group = service_group(conf, self.books)
        self._control = Parts(conf, line, clock, nothing)
        self._control.conductor(self.books, self.group, "control")
        self._control.scheduler(self.books, self.group, "control")
        self.agent = Parts(conf, line, clock, nothing)
        self.agent.compute("agent")
        self._control.beat(self.group)
        self.zone = self._control.zone(self.books, self.group)

    def stop(self) -> None:
        self.agent.stop()
        self._control.stop()
        self.group.close()
        self.books.dispose()

    def die(self) -> None:
        """The agent is gone, and so for long; another one lives on, so it is at fault itself."""
        self.agent.stop()
        long_ago = {"last_seen_up": self.books.now() - timedelta(hours=1), "left_at": None}
        died = sa.update(Service).where(Service.binary == COMPUTE).values(**long_ago)
        self.books.write(lambda db: db.execute(died) and None)
        self.group.join("elsewhere", COMPUTE)

    def create(
        self, flavor: str = "1", context: RequestContext | None = None, **more: object
    ) -> str:
        facts: dict[str, Any] = {"name": "vm", "flavor": flavor, "image": None, **more}
        wanted = NewServers(**facts)
        return self.zone.servers.create(context or self.alice, wanted).servers[0].uuid

    def show(self, uuid: str) -> ServerView:
        return self.zone.servers.show(self.alice, uuid)

    def wait(self, uuid: str, vm_state: str) -> ServerView:
        """The server when it has come to rest in this state."""

        def at_rest() -> ServerView | None:
            view = self.show(uuid)
            return view if view.row.task_state is None else None

        view = eventually(at_rest)
        assert view.row.vm_state == vm_state, view.fault and view.fault.message
        return view

    def act(self, uuid: str, action: str) -> None:
        self.zone.acts.act(self.alice, self.zone.servers.find(self.alice, uuid), action)

    def delete(self, uuid: str) -> None:
        self.zone.acts.delete(self.alice, self.zone.servers.find(self.alice, uuid))

    def is_gone(self, uuid: str) -> bool:
        return self.books.read(lambda db: instances.get(db, uuid)) is None

    def last_action(self, uuid: str) -> ActionView:
        newest = self.zone.servers.actions(self.alice, uuid)[0]
        return self.zone.servers.action(self.alice, uuid, newest.request_id)

    def node(self, host: str) -> ComputeNode:
        return next(n for n in self.books.read(hosts.all_nodes) if n.host == host)

    def guests(self, host: str) -> dict[str, int]:
        """uuid -> power, as the simulated hypervisor keeps them."""
        return {uuid: int(guest.power) for uuid, guest in self.hypervisor.list(host).items()}


def eventually(look: Callable[[], T | None]) -> T:
    """The first thing that is found; fails when there is none for long."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not come to that in time")


@contextmanager
def boot_cloud(
    directory: Path,
    line: Callable[[cfg.ConfigOpts], Line] | None = None,
    *,
    only_when_woken: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Iterator[BootCloud]:
    """A cloud with three hosts that looks often and gives up on the dead early.

    `options`: "name" of [DEFAULT], or "group.name". `only_when_woken`: nothing is done of its own
    accord, so that costs can be counted.
    """
    conf = defaults()
    conf.set_override("connection", f"sqlite:///{directory / 'books.sqlite'}", "database")
    conf.set_override("state_path", str(directory))
    conf.set_override("hosts", list(HOSTS), "compute")
    for name, value in (options or {}).items():
        group, _, option = name.rpartition(".")
        conf.set_override(option, value, group or None)
    conf.set_override("wait_for_hosts_s", 0.0, "conductor")
    for option, group, often_s in _INTERVALS:
        conf.set_override(option, 3600.0 if only_when_woken else often_s, group)
    cloud = BootCloud(conf, line(conf) if line else DirectLine())
    try:
        yield cloud
    finally:
        cloud.stop()


def calling(cloud: BootCloud, usually: str = "admin") -> Call:
    """Ask the API of the cloud, as this user if nobody else is named: status and body."""
    app = load(cloud.conf, cloud.books, ZoneHolder(cloud.zone), name="compute_noauth2")

    def answered(verb: str, path: str, body: Any = None, user: str = usually) -> tuple[int, Any]:
        reply = asked(app, verb, path, body, user=user)
        return reply.status_int, orjson.loads(reply.body) if reply.body else None

    return answered


@contextmanager
def own_servers(cloud: BootCloud) -> Iterator[list[str]]:
    """The servers of a test, which go with it."""
    made: list[str] = []
    yield made
    for uuid in made:
        cloud.delete(uuid)
    assert eventually(lambda: all(cloud.is_gone(uuid) for uuid in made))
