"""A compute API over books with many servers, and a count of the queries that it asks."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
import webob
from oslo_config import cfg

from minicloud.api.app import load
from minicloud.api.row import Row
from minicloud.api.versions import MAX
from minicloud.cmd.bootstrap import bootstrap
from minicloud.cmd.parts import Parts, service_group
from minicloud.conf import register_opts
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.db.models import Base, Instance, InstanceAction, InstanceEvent, InstanceTag
from minicloud.image.bootstrap import CIRROS_ID
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import ConductorClient
from minicloud.rpc.direct import DirectLine
from minicloud.runtime import memory
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.steps import nothing
from minicloud.zones.base import ZoneHolder
from minicloud.zones.local import LocalZone
from minicloud.zones.wakes import Wakes
from tools.bench.answering import serve

_HOSTS = tuple(f"node{number}" for number in range(1, 11))
_PATIENCE_S = 60.0
_COMPUTE = "/compute/v2.1"


class Books:
    def __init__(self, root: Path, url: str) -> None:
        self.queries = 0
        self._conf = conf = _configured(root, url)
        self._database = Database(conf.database.connection, pool_size=conf.database.pool_size)
        schema.create(self._database)
        bootstrap(self._database, conf, "measured")
        self._token = ""
        self._known: dict[str, list[str]] = {}
        self._servers: Iterator[str] = iter(())
        self._app = load(conf, *self.parts())
        self._log_in()
        self._first_server()
        for engine in {self._database.engine, self._database._reader}:
            sa.event.listen(engine, "before_cursor_execute", self._count)
        memory.settle()  # as the programs do

    def close(self) -> None:
        self._database.dispose()

    def ask(
        self,
        verb: str,
        path: str,
        body: Any = None,
        version: int = MAX,
        base: str = _COMPUTE,
    ) -> tuple[int, bytes]:
        request = webob.Request.blank(base + path, method=verb)
        request.headers["X-Auth-Token"] = self._token
        request.headers["OpenStack-API-Version"] = f"compute 2.{version}"
        if body is not None:
            request.content_type, request.body = "application/json", json.dumps(body).encode()
        answer = request.get_response(self._app)
        self._token = answer.headers.get("X-Subject-Token", self._token)
        return answer.status_int, answer.body

    def json(self, path: str, version: int = MAX) -> Any:
        return json.loads(self.ask("GET", path, version=version)[1])

    def wanted(self) -> dict[str, Any]:
        server = {"name": "s", "flavorRef": "42", "imageRef": CIRROS_ID, "networks": "none"}
        return {"server": {**server, "metadata": {"color": "blue"}, "tags": ["a", "b"]}}

    def next_server(self) -> str:
        return next(self._servers)

    def fill(self, servers: int) -> None:
        """Copies of the first server, active, over all hosts."""
        with self._database.engine.begin() as connection:
            (first,) = _rows(connection, Instance)
            _copy(connection, first, servers - 1)
        self._learn()

    def addresses(self, row: Row) -> list[str]:
        """The path with the name of something that is there in each place; none: nothing is."""
        path = row.path
        for part in row.path.split("/"):
            if part.startswith("{"):
                names = self._known.get(f"{row.noun}:{part}") or self._known.get(part) or ["1"]
                path = path.replace(part, names[0])
        return [path]

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_words: Any) -> None:
        self.queries += not statement.startswith("BEGIN")

    @property
    def conf(self) -> cfg.ConfigOpts:
        return self._conf

    @property
    def database(self) -> Database:
        return self._database

    @property
    def token(self) -> str:
        return self._token

    def parts(self) -> tuple[object, ...]:
        """What the API is put together from."""
        conf, line = self._conf, DirectLine()
        compute = ComputeClient(line)
        wakes = Wakes(ConductorClient(line), compute)
        group = service_group(conf, self._database)
        serve(conf, self._database, line, group)
        zone = LocalZone(conf, self._database, group, wakes, compute)
        return self._database, ZoneHolder(zone)

    def _log_in(self) -> None:
        domain = {"id": "default"}
        user = {"name": "admin", "domain": domain, "password": "measured"}
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"name": "admin", "domain": domain}}
        body = {"auth": {"identity": identity, "scope": scope}}
        status, _body = self.ask("POST", "/auth/tokens", body, base="/identity/v3")
        assert status == 201, status

    def _first_server(self) -> None:
        """Made by the whole cloud, which is stopped again."""
        running = Parts(self._conf, DirectLine(), SystemClock(), nothing)
        group = service_group(self._conf, self._database)
        running.conductor(self._database, group, "control")
        running.scheduler(self._database, group, "control")
        running.compute("agent")
        running.beat(group)
        self.ask("POST", "/servers", self.wanted())
        end = time.monotonic() + _PATIENCE_S
        while self.json("/servers/detail")["servers"][0]["status"] != "ACTIVE":
            assert time.monotonic() < end, "the first server did not become ACTIVE"
            time.sleep(0.1)
        running.stop()

    def _learn(self) -> None:
        servers = [one["id"] for one in self.json("/servers")["servers"]]
        first, self._servers = servers[-1], cycle(servers[:-1])
        action = self.json(f"/servers/{first}/os-instance-actions")["instanceActions"][-1]
        self.ask("POST", "/os-aggregates", {"aggregate": {"name": "fast"}})
        group = {"name": "g", "policy": "affinity"}  # from 2.64
        self.ask("POST", "/os-server-groups", {"server_group": group})
        self.ask("POST", "/flavors/42/os-extra_specs", {"extra_specs": {"hw:a": "b"}})
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a"
        self.ask("POST", "/os-keypairs", {"keypair": {"name": "k", "public_key": key}})
        groups = self.json("/os-server-groups").get("server_groups", [])
        private = {"name": "p", "id": "p", "ram": 1, "vcpus": 1, "disk": 1}
        self.ask("POST", "/flavors", {"flavor": private | {"os-flavor-access:is_public": False}})
        self._known = {
            "{server_id}": [first],
            "{flavor_id}": ["42"],
            "flavor_access:{flavor_id}": ["p"],
            "{request_id}": [action["request_id"]],
            "{tag}": ["a"],
            "{alias}": ["OS-DCF"],
            "{key}": ["color"],
            "flavor_extra_specs:{key}": ["hw:a"],
            "hypervisors:{ref}": [self.json("/os-hypervisors")["hypervisors"][0]["id"]],
            "{keypair_name}": ["k"],
            "{server_group_id}": [one["id"] for one in groups],
            "{image_id}": [CIRROS_ID],
            "image_metadata:{key}": ["os_distro"],
            "{host_name}": [_HOSTS[0]],
            "{network}": ["private"],
            "{before}": ["2026-01-01%2000:00:00"],
        }


def _configured(root: Path, url: str) -> cfg.ConfigOpts:
    conf = register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("connection", url, "database")
    conf.set_override("state_path", str(root))
    conf.set_override("hosts", list(_HOSTS), "compute")
    conf.set_override("wait_for_hosts_s", 0.0, "conductor")
    conf.set_override("service_down_time_s", 3600.0, "servicegroup")
    for name in ("instances", "cores", "ram"):
        conf.set_override(name, -1, "quota")
    return conf


def _copy(connection: sa.Connection, first: dict[str, Any], count: int) -> None:
    """Copies of an instance with its log and its tags."""
    instances = []
    hosts = cycle(_HOSTS)
    for number in range(1, count + 1):
        host = next(hosts)
        changes = {"host": host, "node": host, "display_name": f"s{number}"}
        created = first["created_at"] + timedelta(milliseconds=number)
        instances.append(
            {**first, **changes, "id": None, "uuid": str(uuid4()), "created_at": created}
        )
    for start in range(0, count, 1000):
        _insert(connection, Instance, [_new(one) for one in instances[start : start + 1000]])
    names = [one["uuid"] for one in instances]
    (logged,) = _rows(connection, InstanceAction)
    events = _rows(connection, InstanceEvent)
    _insert(connection, InstanceAction, [_new({**logged, "instance_uuid": n}) for n in names])
    here = InstanceAction.instance_uuid.in_(names[:1000])
    ids = connection.execute(sa.select(InstanceAction.id).where(here)).scalars()
    many = [_new({**event, "action_id": number}) for number in ids for event in events]
    _insert(connection, InstanceEvent, many)
    tags = [{"instance_uuid": name, "tag": tag} for name in names for tag in ("a", "b")]
    _insert(connection, InstanceTag, tags)


def _rows(connection: sa.Connection, model: type[Base]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sa.select(model.__table__)).mappings()]


def _new(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "id"}


def _insert(connection: sa.Connection, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(model.__table__), list(rows))  # type: ignore[arg-type]
