"""A cloud's books with one of everything, to be asked for at every version."""

import base64
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa
import webob

from minicloud.db import instances, schema, services
from minicloud.db.engine import Database
from minicloud.db.models import InstanceAction, InstanceEvent, InstanceFault, Migration, Service
from minicloud.servicegroup.base import COMPUTE
from tests.contract.db.rows import add_host
from tests.functional.image_rows import IMAGE
from tests.functional.over_books import application, asked
from tests.functional.server_rows import run, stock

KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJPlTVhYuADBDwJAt7Gb+mO6wGDJ8Rz0Y3eL9ZvxZ3C5 k"
_USER_DATA: Final = base64.b64encode(b"hello").decode()


class World:
    """`names` fill the places in paths: {server}, {flavor}, ..."""

    def __init__(self, directory: Path) -> None:
        self.database = Database(f"sqlite:///{directory / 'books.sqlite'}")
        schema.create(self.database)
        hosts = ["node1", "node2", "node3"]
        self.database.write(lambda db: services.seen(db, COMPUTE, hosts, self.database.now()))
        stock(self.database, properties={"os_distro": "cirros"})
        for host in ("node2", "node3"):
            add_host(self.database, host)
        self.app = application(self.database, directory, ["private:10.0.0.0/8"])
        self.names = {"image": IMAGE, "host": "node1", "project": "p1"}
        self._make_things()
        self._make_servers()
        self._note_what_happened()

    def ask(
        self, verb: str, path: str, body: Any = None, version: int = 1, user: str = "admin"
    ) -> webob.Response:
        return asked(self.app, verb, path, body, user=user, version=version)

    def told(self, verb: str, path: str, body: Any = None, version: int = 1, **who: str) -> Any:
        reply = self.ask(verb, path, body, version, **who)
        assert reply.status_int < 300, (verb, path, version, reply.status_int, reply.body)
        return orjson.loads(reply.body) if reply.body else None

    def rest(self, ref: str, **facts: Any) -> None:
        """The server as if nothing had been asked of it."""
        usual = {"vm_state": "active", "task_state": None, "power_state": 1, "action_id": None}
        self.database.write(lambda db: instances.describe(db, ref, usual | facts))

    def _make_things(self) -> None:
        flavor = {"name": "f", "id": "f", "ram": 64, "vcpus": 1, "disk": 1, "swap": 0}
        self.told("POST", "/flavors", {"flavor": flavor})
        hidden = {**flavor, "name": "h", "id": "h", "os-flavor-access:is_public": False}
        self.told("POST", "/flavors", {"flavor": hidden})
        specs = {"extra_specs": {"hw:cpu_policy": "shared"}}
        self.told("POST", "/flavors/f/os-extra_specs", specs)
        for user in ("admin", "alice"):
            pair = {"name": "k", "public_key": KEY}
            self.told("POST", "/os-keypairs", {"keypair": pair}, user=user)
        group = {"name": "g", "policies": ["anti-affinity"]}
        made = self.told("POST", "/os-server-groups", {"server_group": group}, user="alice")
        zone = {"name": "a", "availability_zone": "zone1"}
        aggregate = self.told("POST", "/os-aggregates", {"aggregate": zone})["aggregate"]
        path = f"/os-aggregates/{aggregate['id']}/action"
        self.told("POST", path, {"add_host": {"host": "node2"}})
        (_uuid,) = {s["id"] for s in self._services() if s["host"] == "node3"}
        self.names |= {
            "flavor": "f",
            "private": "h",
            "keypair": "k",
            "group": made["server_group"]["id"],
            "aggregate": str(aggregate["id"]),
            "service": _uuid,
        }

    def _services(self) -> Any:
        return self.told("GET", "/os-services", version=53)["services"]

    def _make_servers(self) -> None:
        self.names["server"] = self.server(
            "node1",
            key_name="k",
            user_data=_USER_DATA,
            metadata={"color": "blue"},
            hints={"group": self.names["group"]},
        )
        self.told("PUT", f"/servers/{self.names['server']}/tags/web", version=26)
        self.names["failed"] = self.server("node1")
        self.names["stranded"] = self.server("node2")
        self.rest(self.names["failed"], vm_state="error")
        path = f"/servers/{self.names['server']}/os-interface"
        self.names["port"] = self.told("GET", path)["interfaceAttachments"][0]["port_id"]
        for host in ("node1", "node2"):
            for hypervisor in self.told("GET", "/os-hypervisors", version=53)["hypervisors"]:
                if hypervisor["hypervisor_hostname"] == host:
                    self.names[f"hypervisor_{host}"] = hypervisor["id"]

    def server(self, host: str, hints: Any = None, **fields: Any) -> str:
        """A new server of alice's that runs there."""
        wanted = {"name": "vm", "flavorRef": "f", "imageRef": IMAGE, **fields}
        body = {"server": wanted, "os:scheduler_hints": hints or {}}
        ref: str = self.told("POST", "/servers", body, user="alice")["server"]["id"]
        run(self.database, ref, host=host, node=host)
        return ref

    def _note_what_happened(self) -> None:
        """A fault, an event that failed, and a live migration that is under way."""
        now = self.database.now()
        failed, server = self.names["failed"], self.names["server"]
        what: dict[str, Any] = {"code": 500, "machine_code": "NO_HOST", "message": "no"}
        what["details"] = {"counts": {"RamFilter": 1}}
        fault = InstanceFault(instance_uuid=failed, created_at=now, **what)
        self.database.write(lambda db: db.add(fault))
        (action,) = self.told("GET", f"/servers/{server}/os-instance-actions")["instanceActions"]
        self.names["request"] = action["request_id"]

        def add_event(db: Any) -> None:
            db.execute(sa.delete(InstanceEvent))
            found = sa.select(InstanceAction.id).where(InstanceAction.instance_uuid == server)
            event = {"event": "e", "start_time": now, "host": "node1", "result": "Error"}
            event["action_id"] = db.scalars(found).one()
            db.add(InstanceEvent(**event, finish_time=now, details="no"))

        self.database.write(add_event)
        self._move(7, server, now)

    def _move(self, number: int, server: str, now: Any) -> None:
        row = {
            "id": number,
            "uuid": str(UUID(int=number)),
            "instance_uuid": server,
            "migration_type": "live-migration",
            "status": "running",
            "source_compute": "node1",
            "source_node": "node1",
            "dest_compute": "node2",
            "dest_node": "node2",
            "old_flavor": {"id": 3},
            "new_flavor": {"id": 4},
            "user_id": "alice",
            "project_id": "p1",
            "created_at": now,
            "updated_at": now,
        }
        self.database.write(lambda db: db.execute(sa.insert(Migration), [row]))
        self.names["migration"] = str(number)

    def force_down(self, host: str, *, down: bool) -> None:
        change = sa.update(Service).where(Service.host == host).values(forced_down=down)
        self.database.write(lambda db: db.execute(change))
