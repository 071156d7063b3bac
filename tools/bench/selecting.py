"""What the whole scheduler costs: hosts read, chosen and claimed, in a real database."""

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import sqlalchemy as sa
from oslo_config import cfg
from sqlalchemy.orm import Session, undefer

from minicloud.cmd.parts import service_group
from minicloud.conductor.place import filter_properties, request_spec
from minicloud.conf import register_opts
from minicloud.context import for_service
from minicloud.db import instances, schema, services
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode, Instance, table_of
from minicloud.errors import CannotStart
from minicloud.instance_states import Task, VmState
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.scheduler import Wanted
from minicloud.runtime import dice as chance
from minicloud.runtime import memory
from minicloud.runtime.servers.mariadb import MariaDB
from minicloud.scheduler.service import Scheduler
from minicloud.servicegroup.base import COMPUTE
from tools.bench import fleets, ours
from tools.bench.cloud import say
from tools.bench.fleets import Ask, Host

BATCHES = (1, 32, 256)
_CALLS = 8  # of each size of batch in a round
_AT_ONCE = 500  # rows of an insert
_ATTEMPTS = 3


class _Nobody:
    """In the place of the agents: hears that a host has something to do."""

    def wake(self, *_words: Any) -> None: ...


class _Cloud:
    """A fleet in the books, and a scheduler over them."""

    def __init__(self, url: str, hosts: int, seed: int) -> None:
        conf = register_opts(cfg.ConfigOpts())
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override("connection", url, "database")
        conf.set_override("service_down_time_s", 3600.0, "servicegroup")
        self._database = Database(url)
        schema.create(self._database)
        self._write_hosts(list(fleets.ordinary(hosts, seed)))
        group = service_group(conf, self._database)
        nobody = cast(ComputeClient, _Nobody())
        self._scheduler = Scheduler(conf, self._database, group, nobody, chance.new(seed))
        self._asks = fleets.usual(seed)

    def close(self) -> None:
        self._database.dispose()

    def select(self, count: int) -> tuple[float, int]:
        """Seconds of processor time, and how many were placed."""
        wanted = self._wanted(list(islice(self._asks, count)))
        began = time.process_time()
        verdicts = self._scheduler.select_destinations(for_service("bench"), wanted)
        return time.process_time() - began, sum(v.host is not None for v in verdicts)

    def _write_hosts(self, hosts: Sequence[Host]) -> None:
        now = self._database.now()
        for start in range(0, len(hosts), _AT_ONCE):
            some = hosts[start : start + _AT_ONCE]
            self._database.write(lambda db, some=some: _insert(db, some, now))  # type: ignore[misc]

    def _wanted(self, asks: Sequence[Ask]) -> list[Wanted]:
        """As a conductor asks for them, with their rows in the books."""
        now = self._database.now()
        flavors = {ask.uuid: ours.request_spec(ask)["instance_type"] for ask in asks}
        rows = [_row(ask, flavors[ask.uuid], now) for ask in asks]
        self._database.write(lambda db: instances.insert(db, rows))
        query = sa.select(Instance).where(Instance.uuid.in_(flavors)).options(undefer("*"))
        made = {row.uuid: row for row in self._database.read(lambda db: list(db.scalars(query)))}
        return [
            Wanted(
                one.uuid,
                one.generation,
                None,
                request_spec(one, flavors[one.uuid]),
                filter_properties(one, flavors[one.uuid], {}, _ATTEMPTS),
            )
            for one in (made[ask.uuid] for ask in asks)
        ]


def _insert(db: Session, hosts: Sequence[Host], now: datetime) -> None:
    """With a heartbeat of each."""
    rows = []
    for one in hosts:
        found = ours.facts(one)
        columns = [n for n in found.numbers if n in ComputeNode.__table__.columns]
        rows.append(
            {
                **{name: found.numbers[name] for name in columns},
                **found.kind,
                "uuid": str(uuid4()),
                "host": one.name,
                "node": one.name,
                "agent": "agent",
                "created_at": now,
                "changed_at": now,
            }
        )
    db.execute(sa.insert(table_of(ComputeNode)), rows)
    services.seen(db, COMPUTE, [one.name for one in hosts], now)


def _row(ask: Ask, flavor: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "uuid": ask.uuid,
        "project_id": ask.project,
        "user_id": "user",
        "reservation_id": f"r-{ask.uuid[:8]}",
        "display_name": "vm",
        "hostname": "vm",
        "flavor": {**flavor, "flavorid": flavor["name"]},
        "vcpus": flavor["vcpus"],
        "memory_mb": flavor["memory_mb"],
        "disk_gb": flavor["root_gb"],
        "meta": {},
        "request": {"image": {"id": ask.image_id, "properties": dict(ask.image)}},
        "vm_state": str(VmState.BUILDING),
        "created_at": now,
        **instances.begin(Task.SCHEDULING, now),
    }


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    """Name -> URL of an empty database."""
    with tempfile.TemporaryDirectory(prefix="minicloud-bench-") as directory:
        found = {"sqlite": f"sqlite:///{directory}/books.sqlite"}
        server = _mariadb(Path(directory))
        if server is None:
            yield found
            return
        try:
            yield {**found, "mariadb": server.url}
        finally:
            server.discard()


def _mariadb(directory: Path) -> MariaDB | None:
    """A private one; None where there is no such program."""
    server = MariaDB(directory / "mariadb", throwaway=True)
    try:
        server.start()
    except CannotStart as error:
        say(f"service: without MariaDB: {error}")
        return None
    return server


def costs(sizes: Sequence[int], rounds: int, seed: int) -> Iterator[dict[str, Any]]:
    """Processor time of the scheduler for each decision, in batches; the database's is not in."""
    for hosts in sizes:
        with _databases() as urls:
            for name, url in urls.items():
                say(f"service: {name}, {hosts} hosts")
                cloud = _Cloud(url, hosts, seed)
                cloud.select(1)
                memory.settle()
                for batch in BATCHES:
                    yield {"part": "service", "database": name, "hosts": hosts, "batch": batch} | (
                        _summed([cloud.select(batch) for _ in range(rounds * _CALLS)], batch)
                    )
                cloud.close()


def _summed(calls: Sequence[tuple[float, int]], batch: int) -> dict[str, Any]:
    median = statistics.median(seconds / batch for seconds, _placed in calls)
    return {
        "decisions": len(calls) * batch,
        "placed": sum(placed for _seconds, placed in calls),
        "us": round(median * 1e6, 1),
        "per_s": round(1 / median, 1),
    }
