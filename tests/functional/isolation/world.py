"""A cloud behind its real pipeline, in which two projects have one of everything each."""

import base64
import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa
import webob
from oslo_config import cfg
from oslo_policy import opts as policy_options

from minicloud import conf as options
from minicloud.api.app import load
from minicloud.db import schema, services, tokens
from minicloud.db.engine import Database
from minicloud.db.models import (
    Base,
    InstanceEvent,
    Migration,
    Project,
    Role,
    RoleAssignment,
    Service,
    Token,
    User,
)
from minicloud.identity.bootstrap import DOMAIN_ID, bootstrap
from minicloud.rpc.compute import TOPIC, VERSION, ComputeClient, ComputeEndpoint
from minicloud.rpc.conductor import ConductorClient
from minicloud.rpc.direct import DirectLine
from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.base import ZoneHolder
from minicloud.zones.local import LocalZone
from minicloud.zones.wakes import Wakes
from tests.contract.db.rows import add_host
from tests.functional.image_rows import IMAGE, image
from tests.functional.microversions.world import KEY
from tests.functional.server_rows import run

NORTH, SOUTH = "north", "south"
HOSTS: Final = ("node1", "node2", "node3", "node4")
DOWN: Final = "node3"
_USER_DATA: Final = base64.b64encode(b"hello").decode()


@dataclass(frozen=True)
class Persona:
    """`home`: whose things are its own."""

    name: str
    role: str  # of ROLES; "" for whoever is nobody
    home: str
    token: str | None
    user_id: str = ""
    project_id: str = ""

    def __str__(self) -> str:
        return self.name


@dataclass
class Side:
    """A project, and its things by their kind."""

    project_id: str
    names: dict[str, str] = field(default_factory=dict)


class _StillClock(SystemClock):
    """Heartbeats and tokens do not age, however slow the machine."""

    def __init__(self) -> None:
        self._now = super().now()

    def now(self) -> datetime:
        return self._now


class _Agent:
    """A compute agent that says what it was asked for."""

    def wake(self, hosts: Any) -> None:
        pass

    def console_output(self, host: str, uuid: str, lines: int | None) -> str:
        return f"login of {uuid}"


class World:
    def __init__(self, directory: Path, rules: Mapping[str, str] | None = None) -> None:
        """`rules`: of a policy file that overrides the defaults."""
        self._path = directory / "books.sqlite"
        self.database = Database(f"sqlite:///{self._path}", _StillClock())
        schema.create(self.database)
        conf = options.register_opts(cfg.ConfigOpts())
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override("state_path", str(directory))
        conf.set_override("bcrypt_rounds", 4, group="identity")
        conf.set_override("networks", ["private:10.0.0.0/8"], "network")
        if rules:
            policy_file = directory / "policy.yaml"
            policy_file.write_text("".join(f'"{name}": "{rules[name]}"\n' for name in rules))
            policy_options.set_defaults(conf, policy_file=str(policy_file))
        bootstrap(self.database, conf, "secret")
        self.app = self._application(conf)
        self.sides: dict[str, Side] = {}
        self.personas = {persona.name: persona for persona in self._people()}
        self._stock()
        for side in (NORTH, SOUTH):
            self._make_things(side)
        self._force_down()
        self._template = sqlite3.connect(":memory:")
        self._watch = sqlite3.connect(self._path, isolation_level=None)
        self._watch.backup(self._template)
        self._seen = self._data_version()
        self.digests = {side: self.digest(side) for side in self.sides}

    def ask(
        self,
        persona: Persona | str,
        verb: str,
        path: str,
        body: Any = None,
        version: int = 1,
        root: str = "/compute/v2.1",
        **headers: str,
    ) -> webob.Response:
        if isinstance(persona, str):
            persona = self.personas[persona]
        request = webob.Request.blank(root + path, method=verb, headers=headers)
        if persona.token is not None:
            request.headers["X-Auth-Token"] = persona.token
        request.headers["OpenStack-API-Version"] = f"compute 2.{version}"
        if body is not None:
            request.content_type, request.body = "application/json", orjson.dumps(body)
        return request.get_response(self.app)

    def told(self, persona: str, verb: str, path: str, body: Any = None, version: int = 1) -> Any:
        reply = self.ask(persona, verb, path, body, version)
        assert reply.status_int < 300, (verb, path, reply.status_int, reply.body)
        return orjson.loads(reply.body) if reply.body else None

    def secrets(self, side: str) -> set[str]:
        """What can only be of this project."""
        other = self.sides[SOUTH if side == NORTH else NORTH]
        own = self.sides[side].names
        shared = {*other.names.values(), own["address"]}  # which begins other addresses, too
        named = {name for name in own.values() if len(name) > 7} - shared
        people = {
            one.user_id for one in self.personas.values() if one.user_id and one.home == side
        }
        return named | people | {f"of {side}", f"of-{side}"}

    def digest(self, side: str) -> str:
        """Of every row of every table that speaks of this project or of its things."""
        secrets, digest = self.secrets(side) | {self.sides[side].project_id}, hashlib.sha256()
        for table in Base.metadata.sorted_tables:
            for row in self._watch.execute(f"SELECT * FROM {table.name} ORDER BY rowid"):
                text = repr(row)
                if any(secret in text for secret in secrets):
                    digest.update(text.encode())
        return digest.hexdigest()

    def has_changed(self) -> bool:
        """Whether anything at all was written since this was asked last, or it was restored."""
        before, self._seen = self._seen, self._data_version()
        return before != self._seen

    def restore(self) -> None:
        """Everything as it was in the beginning."""
        self._template.backup(self._watch)
        self._seen = self._data_version()

    def close(self) -> None:
        self._watch.close()
        self._template.close()
        self.database.dispose()

    def _data_version(self) -> int:
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def _application(self, conf: cfg.ConfigOpts) -> Any:
        line = DirectLine()
        line.serve(TOPIC, VERSION, "agent", ComputeEndpoint(_Agent()))
        compute = ComputeClient(line)
        wakes = Wakes(ConductorClient(line), compute)
        group = DbDriver(conf, self.database)
        zone = LocalZone(conf, self.database, group, wakes, compute)
        return load(conf, self.database, ZoneHolder(zone))

    # Who asks.

    def _people(self) -> list[Persona]:
        roles = {row.name: row.id for row in self._rows(Role)}
        projects = {row.name: row.id for row in self._rows(Project)}
        for side in (NORTH, SOUTH):
            self.sides[side] = Side(uuid4().hex)
            project = Project(
                id=self.sides[side].project_id, domain_id=DOMAIN_ID, name=f"project {side}"
            )
            self.database.write(lambda db, row=project: db.add(row))  # type: ignore[misc]
        people = [
            ("admin", "admin", NORTH, projects["admin"]),
            ("service", "service", NORTH, projects["service"]),
            *((role, role, NORTH, None) for role in ("manager", "member", "reader")),
            ("second member", "member", NORTH, None),
            *((f"other {role}", role, SOUTH, None) for role in ("manager", "member", "reader")),
        ]
        made = [self._person(*person, roles[person[1]]) for person in people]
        member = next(persona for persona in made if persona.name == "member")
        return [
            Persona("nobody", "", NORTH, None),
            Persona("forged", "", NORTH, "gAAAAAB" + "x" * 36),
            Persona("expired", "", NORTH, self._expired(member)),
            Persona("revoked", "", NORTH, self._revoked(member)),
            *made,
        ]

    def _rows(self, model: Any) -> Any:
        return self.database.read(lambda db: list(db.scalars(sa.select(model))))

    def _person(
        self, name: str, role: str, home: str, project_id: str | None, role_id: str
    ) -> Persona:
        project_id = project_id or self.sides[home].project_id
        now, user_id = self.database.now(), uuid4().hex
        user = User(
            id=user_id,
            domain_id=DOMAIN_ID,
            name=f"{name} {home}",
            password_hash="",
            valid_from=now,
        )
        assignment = RoleAssignment(user_id=user_id, project_id=project_id, role_id=role_id)
        self.database.write(lambda db: db.add_all([user, assignment]))
        token, _grant = self._token(user_id, project_id)
        return Persona(name, role, home, token, user_id, project_id)

    def _token(self, user_id: str, project_id: str) -> tuple[str, tokens.Grant]:
        now = self.database.now()
        until = now + timedelta(hours=1)
        issued = self.database.write(
            lambda db: tokens.issue(db, user_id, project_id, ["password"], now, until)
        )
        assert issued is not None
        return issued

    def _expired(self, persona: Persona) -> str:
        token, grant = self._token(persona.user_id, persona.project_id)
        change = sa.update(Token).where(Token.audit_id == grant.audit_id)
        over = self.database.now()
        self.database.write(lambda db: db.execute(change.values(expires_at=over)))
        return token

    def _revoked(self, persona: Persona) -> str:
        token, _grant = self._token(persona.user_id, persona.project_id)
        assert self.database.write(lambda db: tokens.revoke(db, token))
        return token

    # What there is.

    def _stock(self) -> None:
        now = self.database.now()
        self.database.write(lambda db: services.seen(db, COMPUTE, list(HOSTS), now))
        for host in HOSTS:
            add_host(self.database, host)
        public = image(now, owner=self.sides[NORTH].project_id, visibility="public")
        self.database.write(lambda db: db.add(public))
        for name in ("small", "large"):
            size = 64 if name == "small" else 128
            wanted = {"name": name, "id": name, "ram": size, "vcpus": 1, "disk": 1}
            self.told("admin", "POST", "/flavors", {"flavor": wanted})
        zone = {"name": "aggregate", "availability_zone": "zone1"}
        made = self.told("admin", "POST", "/os-aggregates", {"aggregate": zone})["aggregate"]
        path = f"/os-aggregates/{made['id']}/action"
        self.told("admin", "POST", path, {"add_host": {"host": "node4"}})
        spare = {"aggregate": {"name": "spare"}}
        spared = self.told("admin", "POST", "/os-aggregates", spare)["aggregate"]
        listed = self.told("admin", "GET", "/os-services", version=53)["services"]
        nets = self.told("admin", "GET", "/os-networks")["networks"]
        seen = self.told("admin", "GET", "/os-hypervisors", version=53)["hypervisors"]
        names = {
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
        for side in self.sides.values():
            side.names |= names | {"project": side.project_id}

    def _make_things(self, side: str) -> None:
        names = self.sides[side].names
        member = "member" if side == NORTH else "other member"
        self._raise_quota(side)
        for persona in self.personas.values():
            if persona.token and persona.role and (persona.home == side):
                name = f"key of {persona.name}"
                pair = {"keypair": {"name": name, "public_key": KEY}}
                self.told(persona.name, "POST", "/os-keypairs", pair)
        names["keypair"] = f"key of {member}"
        names["flavor"] = self._private_flavor(side)
        names["image"] = self._private_image(side)
        group = {"server_group": {"name": f"group of {side}", "policies": ["affinity"]}}
        made = self.told(member, "POST", "/os-server-groups", group)
        names["group"] = made["server_group"]["id"]
        spare = {"server_group": {"name": f"spare of {side}", "policies": ["affinity"]}}
        made = self.told(member, "POST", "/os-server-groups", spare)
        names["spare_group"] = made["server_group"]["id"]
        self._make_servers(side, member)

    def _raise_quota(self, side: str) -> None:
        path = f"/os-quota-sets/{self.sides[side].project_id}"
        wanted = {"quota_set": {"instances": 40, "cores": 40, "server_groups": 20}}
        self.told("admin", "PUT", path, wanted)

    def _private_flavor(self, side: str) -> str:
        ref = f"flavor-of-{side}"
        wanted = {"name": ref, "id": ref, "ram": 32, "vcpus": 1, "disk": 1}
        self.told(
            "admin",
            "POST",
            "/flavors",
            {"flavor": {**wanted, "os-flavor-access:is_public": False}},
        )
        access = {"addTenantAccess": {"tenant": self.sides[side].project_id}}
        self.told("admin", "POST", f"/flavors/{ref}/action", access)
        self.sides[side].names["spec"] = f"spec-of-{side}"
        specs = {"extra_specs": {f"spec-of-{side}": f"value of {side}"}}
        self.told("admin", "POST", f"/flavors/{ref}/os-extra_specs", specs)
        return ref

    def _private_image(self, side: str) -> str:
        ref, owner = str(uuid4()), self.sides[side].project_id
        self.sides[side].names["property"] = f"property-of-{side}"
        properties = {f"property-of-{side}": f"value of {side}"}
        row = image(
            self.database.now(),
            id=ref,
            name=f"image of {side}",
            owner=owner,
            properties=properties,
        )
        self.database.write(lambda db: db.add(row))
        return ref

    def _make_servers(self, side: str, member: str) -> None:
        names = self.sides[side].names
        key, tag = f"key-of-{side}", f"tag-of-{side}"
        names["server"] = self._server(
            side,
            member,
            hints={"group": names["group"]},
            key_name=names["keypair"],
            user_data=_USER_DATA,
            metadata={key: f"value of {side}"},
        )
        self.told(member, "PUT", f"/servers/{names['server']}/tags/{tag}", version=26)
        names |= {"metadata": key, "tag": tag}
        for kind, facts in _STATES.items():
            names[kind] = self._server(side, member, **facts)
        self._moves(side, member)
        path = f"/servers/{names['server']}"
        ports = self.told(member, "GET", path + "/os-interface")["interfaceAttachments"]
        names["port"] = ports[0]["port_id"]
        names["address"] = ports[0]["fixed_ips"][0]["ip_address"]
        names["server_name"] = f"server of {side}"
        names["image_name"] = f"image of {side}"
        names["user"] = self.personas[member].user_id
        shown = self.told("admin", "GET", path, version=104)["server"]
        names["reservation"] = shown["OS-EXT-SRV-ATTR:reservation_id"]
        (action,) = self.told(member, "GET", path + "/os-instance-actions")["instanceActions"]
        names["request"] = action["request_id"]
        self._failed_event(names)
        wanted = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
        opened = self.told(member, "POST", path + "/remote-consoles", wanted, 6)
        names["token"] = opened["remote_console"]["url"].partition("token=")[2]

    def _server(
        self, side: str, member: str, hints: Any = None, state: Any = None, **fields: Any
    ) -> str:
        wanted = {"name": f"server of {side}", "flavorRef": "small", "imageRef": IMAGE, **fields}
        body = {"server": wanted, "os:scheduler_hints": hints or {}}
        ref: str = self.told(member, "POST", "/servers", body)["server"]["id"]
        run(self.database, ref, **(_AT_REST | (state or {})))
        return ref

    def _moves(self, side: str, member: str) -> None:
        names, number = self.sides[side].names, 70001 if side == NORTH else 70003
        self._move(number, side, member, names["moving"], "live-migration", "running")
        self._move(number + 1, side, member, names["resized"], "resize", "finished")
        names["migration"] = str(number)

    def _move(
        self, number: int, side: str, member: str, server: str, kind: str, status: str
    ) -> None:
        now = self.database.now()
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
            "user_id": self.personas[member].user_id,
            "project_id": self.sides[side].project_id,
            "created_at": now,
            "updated_at": now,
        }
        self.database.write(lambda db: db.execute(sa.insert(Migration), [row]))

    def _failed_event(self, names: dict[str, str]) -> None:
        now = self.database.now()
        event = {"event": "e", "start_time": now, "finish_time": now, "host": "node1"}

        def work(db: Any) -> None:
            (action_id,) = db.execute(
                sa.text("SELECT id FROM instance_actions WHERE request_id = :r"),
                {"r": names["request"]},
            ).one()
            row = InstanceEvent(**event, action_id=action_id, result="Error", details="no")
            db.add(row)

        self.database.write(work)

    def _force_down(self) -> None:
        change = sa.update(Service).where(Service.host == DOWN).values(forced_down=True)
        self.database.write(lambda db: db.execute(change))


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
