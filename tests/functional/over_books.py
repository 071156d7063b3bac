"""The compute API over the real books of a zone with three hosts, without the other services."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
import webob
from oslo_config import cfg

from minicloud import conf as options
from minicloud.api.app import load
from minicloud.cmd.limited import limiters
from minicloud.cmd.parts import Parts, refused_by
from minicloud.db import schema, services
from minicloud.db.engine import Database
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import ConductorClient
from minicloud.rpc.direct import DirectLine
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.steps import nothing
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.base import ZoneHolder
from minicloud.zones.local import LocalZone
from minicloud.zones.wakes import Wakes
from tools.bench.answering import serve

Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Three compute hosts, and nothing on them."""
    books = Database(f"sqlite:///{tmp_path / 'books.sqlite'}")
    schema.create(books)
    books.write(lambda db: services.seen(db, COMPUTE, ["node1", "node2", "node3"], books.now()))
    return books


def application(
    database: Database,
    directory: Path,
    networks: Sequence[str] = (),
    limits_file: Path | None = None,
    config_file: Path | None = None,
) -> Any:
    """The API over these books; another one is another process. `limits_file`: rate limits."""
    conf = options.register_opts(cfg.ConfigOpts())
    conf(["--config-file", str(config_file)] if config_file else [])
    conf.set_override("state_path", str(directory))
    conf.set_override("service_down_time_s", 600.0, "servicegroup")  # nobody renews the hosts
    if networks:
        conf.set_override("networks", list(networks), "network")
    if limits_file is not None:
        conf.set_override("enabled", True, "ratelimit")
        conf.set_override("limits_file", str(limits_file), "ratelimit")
    line, clock = DirectLine(), SystemClock()
    compute = ComputeClient(line)
    wakes = Wakes(ConductorClient(line), compute)
    group = DbDriver(conf, database)
    serve(conf, database, line, group)
    zone = LocalZone(conf, database, group, wakes, compute, refused_by(conf))
    limits = limiters(conf, Parts(conf, line, clock, nothing), clock)
    return load(conf, database, ZoneHolder(zone), *limits, name="compute_noauth2")


def asked(
    app: Any,
    verb: str,
    path: str,
    body: Any = None,
    *,
    user: str = "admin",
    version: int = 1,
    headers: Mapping[str, str] | None = None,
    root: str = "/v2.1",
) -> webob.Response:
    """`user` is of project p1, or named as user:project."""
    request = webob.Request.blank(f"{root}{path}", method=verb)
    request.headers["X-Auth-Token"] = user if ":" in user else f"{user}:p1"
    request.headers["OpenStack-API-Version"] = f"compute 2.{version}"
    request.headers.update(headers or {})
    if body is not None:
        request.content_type, request.body = "application/json", orjson.dumps(body)
    return request.get_response(app)


@pytest.fixture
def call(database: Database, tmp_path: Path) -> Call:
    app = application(database, tmp_path)

    def answered(
        verb: str,
        path: str,
        body: Any = None,
        *,
        user: str = "admin",
        version: int = 1,
        root: str = "/v2.1",
    ) -> tuple[int, Any]:
        reply = asked(app, verb, path, body, user=user, version=version, root=root)
        return reply.status_int, orjson.loads(reply.body) if reply.body else None

    return answered
