"""A cloud behind its real pipeline, in which two projects have one of everything each."""

import hashlib
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import webob
from oslo_config import cfg
from oslo_policy import policy

from minicloud.api.app import load
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.db.models import Base
from minicloud.identity.bootstrap import bootstrap
from minicloud.rpc.compute import TOPIC, VERSION, ComputeClient, ComputeEndpoint
from minicloud.rpc.conductor import ConductorClient
from minicloud.rpc.direct import DirectLine
from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.base import ZoneHolder
from minicloud.zones.local import LocalZone
from minicloud.zones.wakes import Wakes
from tests.functional.isolation.people import NORTH, SOUTH, People, Persona
from tests.functional.isolation.things import Things
from tests.options import defaults
from tools.bench.answering import serve


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
        conf = defaults()
        conf.set_override("state_path", str(directory))
        conf.set_override("bcrypt_rounds", 4, group="identity")
        conf.set_override("networks", ["private:10.0.0.0/8"], "network")
        if rules:
            policy_file = directory / "policy.yaml"
            policy_file.write_text("".join(f'"{name}": "{rules[name]}"\n' for name in rules))
            policy.Enforcer(conf)  # registers its options
            conf.set_override("policy_file", str(policy_file), "oslo_policy")
        bootstrap(self.database, conf, "secret")
        self.app = self._application(conf)
        people = People(self.database)
        self.personas = {persona.name: persona for persona in people.all()}
        self.sides = people.sides
        Things(self).make()
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
            request.content_type = headers.get("Content-Type", "application/json")
            request.body = body if isinstance(body, bytes) else orjson.dumps(body)
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
        serve(conf, self.database, line, group)
        zone = LocalZone(conf, self.database, group, wakes, compute)
        return load(conf, self.database, ZoneHolder(zone))
