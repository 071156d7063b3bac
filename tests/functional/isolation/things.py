"""What there is: the cloud's hosts and flavors, and one of everything in each project."""

import base64
from typing import Any, Final, Protocol
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa
import webob

from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.db.models import InstanceEvent, Migration, Service
from minicloud.servicegroup.base import COMPUTE
from tests.contract.db.rows import add_host
from tests.functional.image_rows import IMAGE, image
from tests.functional.isolation.people import NORTH, SOUTH, Persona, Side
from tests.functional.microversions.world import KEY
from tests.functional.server_rows import run

HOSTS: Final = ("node1", "node2", "node3", "node4")
DOWN: Final = "node3"
_USER_DATA: Final = base64.b64encode(b"hello").decode()


class Told(Protocol):
    """The world, as it is filled."""

    database: Database
    sides: dict[str, Side]
    personas: dict[str, Persona]

    def told(
        self, persona: str, verb: str, path: str, body: Any = None, version: int = 1
    ) -> Any: ...

    def ask(
        self,
        persona: Persona | str,
        verb: str,
        path: str,
        body: Any = None,
        version: int = 1,
        root: str = "/compute/v2.1",
        **headers: str,
    ) -> webob.Response: ...


class Things:
    def __init__(self, world: Told) -> None:
        self._world, self._told = world, world.told

    def make(self) -> None:
        self._stock()
        for side in (NORTH, SOUTH):
            self._make_things(side)
        self._force_down()

    def _stock(self) -> None:
        now = self._world.database.now()
        self._world.database.write(lambda db: services.seen(db, COMPUTE, list(HOSTS), now))
        for host in HOSTS:
            add_host(self._world.database, host)
        public = image(now, owner=self._world.personas["admin"].project_id, visibility="public")
        self._world.database.write(lambda db: db.add(public))
        for name in ("small", "large"):
            size = 64 if name == "small" else 128
            wanted = {"name": name, "id": name, "ram": size, "vcpus": 1, "disk": 1}
            self._told("admin", "POST", "/flavors", {"flavor": wanted})
        zone = {"name": "aggregate", "availability_zone": "zone1"}
        made = self._told("admin", "POST", "/os-aggregates", {"aggregate": zone})["aggregate"]
        path = f"/os-aggregates/{made['id']}/action"
        self._told("admin", "POST", path, {"add_host": {"host": "node4"}})
        spare = {"aggregate": {"name": "spare"}}
        spared = self._told("admin", "POST", "/os-aggregates", spare)["aggregate"]
        listed = self._told("admin", "GET", "/os-services", version=53)["services"]
        nets = self._told("admin", "GET", "/os-networks")["networks"]
        seen = self._told("admin", "GET", "/os-hypervisors", version=53)["hypervisors"]
        names = {
            **self._identity(),
            "aggregate": str(made["id"]),
            "spare_aggregate": str(spared["id"]),
            "network_id": nets[0]["id"],
            "order": "enable",
            "host": "node1",
            "hypervisor": seen[0]["id"],
            "service": listed[0]["id"],
            "idle_service": listed[-1]["id"],
            "alias": "OS-DCF",
            "class": "default",
            "network": "private",
            "before": "2026-01-01 00:00:00",
        }
        for side in self._world.sides.values():
            side.names |= names | {"project": side.project_id}

    def _identity(self) -> dict[str, str]:
        """What the whole deployment has."""
        names = {"domain": "default"}
        for nouns, noun in (
            ("roles", "role"),
            ("regions", "region"),
            ("services", "catalog_service"),
            ("endpoints", "endpoint"),
        ):
            reply = self._world.ask("admin", "GET", f"/v3/{nouns}", root="/identity")
            names[noun] = orjson.loads(reply.body)[nouns][0]["id"]
        roles = orjson.loads(self._world.ask("admin", "GET", "/v3/roles", root="/identity").body)
        by_name = {role["name"]: role["id"] for role in roles["roles"]}
        return names | {"role": by_name["member"], "implied_role": by_name["reader"]}

    def _make_things(self, side: str) -> None:
        names = self._world.sides[side].names
        member = "member" if side == NORTH else "other member"
        self._raise_quota(side)
        for persona in self._world.personas.values():
            if persona.token and persona.role and (persona.home == side):
                name = f"key of {persona.name}"
                pair = {"keypair": {"name": name, "public_key": KEY}}
                self._told(persona.name, "POST", "/os-keypairs", pair)
                persona.own["keypair"] = name
                persona.own["credential"] = self._credential(persona)
        names |= self._world.personas[member].own
        names["flavor"] = self._private_flavor(side)
        names["image"] = self._private_image(side)
        group = {"server_group": {"name": f"group of {side}", "policies": ["affinity"]}}
        made = self._told(member, "POST", "/os-server-groups", group)
        names["group"] = made["server_group"]["id"]
        spare = {"server_group": {"name": f"spare of {side}", "policies": ["affinity"]}}
        made = self._told(member, "POST", "/os-server-groups", spare)
        names["spare_group"] = made["server_group"]["id"]
        self._make_servers(side, member)

    def _credential(self, persona: Persona) -> str:
        path = f"/v3/users/{persona.user_id}/application_credentials"
        wanted = {"application_credential": {"name": f"credential of {persona.name}"}}
        reply = self._world.ask(persona, "POST", path, wanted, root="/identity")
        return str(orjson.loads(reply.body)["application_credential"]["id"])

    def _raise_quota(self, side: str) -> None:
        path = f"/os-quota-sets/{self._world.sides[side].project_id}"
        wanted = {"quota_set": {"instances": 40, "cores": 40, "server_groups": 20}}
        self._told("admin", "PUT", path, wanted)

    def _private_flavor(self, side: str) -> str:
        ref = f"flavor-of-{side}"
        wanted = {"name": ref, "id": ref, "ram": 32, "vcpus": 1, "disk": 1}
        self._told(
            "admin",
            "POST",
            "/flavors",
            {"flavor": {**wanted, "os-flavor-access:is_public": False}},
        )
        access = {"addTenantAccess": {"tenant": self._world.sides[side].project_id}}
        self._told("admin", "POST", f"/flavors/{ref}/action", access)
        self._world.sides[side].names["spec"] = f"spec-of-{side}"
        specs = {"extra_specs": {f"spec-of-{side}": f"value of {side}"}}
        self._told("admin", "POST", f"/flavors/{ref}/os-extra_specs", specs)
        return ref

    def _private_image(self, side: str) -> str:
        ref, owner = str(uuid4()), self._world.sides[side].project_id
        self._world.sides[side].names["property"] = f"property-of-{side}"
        properties = {f"property-of-{side}": f"value of {side}"}
        row = image(
            self._world.database.now(),
            id=ref,
            name=f"image of {side}",
            owner=owner,
            properties=properties,
            tags=[f"tag-of-{side}"],
        )
        empty = image(self._world.database.now(), id=str(uuid4()), owner=owner, status="queued")
        self._world.sides[side].names["queued"] = empty.id
        self._world.database.write(lambda db: db.add_all([row, empty]))
        return ref

    def _make_servers(self, side: str, member: str) -> None:
        names = self._world.sides[side].names
        key, tag = f"key-of-{side}", f"tag-of-{side}"
        names["server"] = self._server(
            side,
            member,
            hints={"group": names["group"]},
            key_name=names["keypair"],
            user_data=_USER_DATA,
            metadata={key: f"value of {side}"},
        )
        self._told(member, "PUT", f"/servers/{names['server']}/tags/{tag}", version=26)
        names |= {"metadata": key, "tag": tag}
        for kind, facts in _STATES.items():
            names[kind] = self._server(side, member, **facts)
        self._moves(side, member)
        path = f"/servers/{names['server']}"
        ports = self._told(member, "GET", path + "/os-interface")["interfaceAttachments"]
        names["port"] = ports[0]["port_id"]
        names["address"] = ports[0]["fixed_ips"][0]["ip_address"]
        names["project_name"] = f"project {side}"
        names["server_name"] = f"server of {side}"
        names["image_name"] = f"image of {side}"
        shown = self._told("admin", "GET", path, version=104)["server"]
        names["reservation"] = shown["OS-EXT-SRV-ATTR:reservation_id"]
        (action,) = self._told(member, "GET", path + "/os-instance-actions")["instanceActions"]
        names["request"] = action["request_id"]
        self._failed_event(names)
        wanted = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
        opened = self._told(member, "POST", path + "/remote-consoles", wanted, 6)
        names["token"] = opened["remote_console"]["url"].partition("token=")[2]

    def _server(
        self, side: str, member: str, hints: Any = None, state: Any = None, **fields: Any
    ) -> str:
        wanted = {"name": f"server of {side}", "flavorRef": "small", "imageRef": IMAGE, **fields}
        body = {"server": wanted, "os:scheduler_hints": hints or {}}
        ref: str = self._told(member, "POST", "/servers", body)["server"]["id"]
        run(self._world.database, ref, **(_AT_REST | (state or {})))
        return ref

    def _moves(self, side: str, member: str) -> None:
        names, number = self._world.sides[side].names, 70001 if side == NORTH else 70003
        self._move(number, side, member, names["moving"], "live-migration", "running")
        self._move(number + 1, side, member, names["resized"], "resize", "finished")
        names |= {"migration": str(number), "migration_uuid": str(UUID(int=number))}

    def _move(
        self, number: int, side: str, member: str, server: str, kind: str, status: str
    ) -> None:
        now = self._world.database.now()
        flavor = {"id": 1, "flavorid": "small", "name": "small", "vcpus": 1, "memory_mb": 64}
        flavor |= {"root_gb": 1, "ephemeral_gb": 0, "swap_mb": 0}
        row = {
            "id": number,
            "uuid": str(UUID(int=number)),
            "instance_uuid": server,
            "migration_type": kind,
            "status": status,
            "source_compute": "node1",
            "source_node": "node1",
            "dest_compute": "node2",
            "dest_node": "node2",
            "old_flavor": flavor,
            "new_flavor": flavor,
            "user_id": self._world.personas[member].user_id,
            "project_id": self._world.sides[side].project_id,
            "created_at": now,
            "updated_at": now,
        }
        self._world.database.write(lambda db: db.execute(sa.insert(Migration), [row]))

    def _failed_event(self, names: dict[str, str]) -> None:
        now = self._world.database.now()
        event = {"event": "e", "start_time": now, "finish_time": now, "host": "node1"}

        def work(db: Any) -> None:
            (action_id,) = db.execute(
                sa.text("SELECT id FROM instance_actions WHERE request_id = :r"),
                {"r": names["request"]},
            ).one()
            row = InstanceEvent(**event, action_id=action_id, result="Error", details="no")
            db.add(row)

        self._world.database.write(work)

    def _force_down(self) -> None:
        change = sa.update(Service).where(Service.host == DOWN).values(forced_down=True)
        self._world.database.write(lambda db: db.execute(change))


def _in(vm_state: str, **facts: Any) -> dict[str, Any]:
    return {"state": {"vm_state": vm_state, **facts}}


_AT_REST: Final = {"action_id": None, "due_at": None, "deadline_at": None}
_STATES: Final = {
    "stopped": _in("stopped", power_state=4),
    "paused": _in("paused", power_state=3),
    "suspended": _in("suspended", power_state=7),
    "rescued": _in("rescued"),
    "shelved": _in("shelved", power_state=4),
    "offloaded": _in("shelved_offloaded", power_state=0, host=None, node=None),
    "resized": _in("resized", host="node2", node="node2"),
    "soft_deleted": _in("soft-delete", power_state=4),
    "moving": _in("active", task_state="migrating"),
    "stranded": _in("active", host=DOWN, node=DOWN),
    "locked": _in("active", locked_by="owner"),
}
