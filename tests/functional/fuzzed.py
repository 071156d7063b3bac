"""Requests made up from the OpenAPI document, for a running cloud in this process."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson
import schemathesis
import webob
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks

from minicloud.api.app import load
from minicloud.api.mounts import Mounts
from minicloud.image.bootstrap import CIRROS_ID, bootstrap
from minicloud.zones.base import ZoneHolder
from tests.functional.boot_cloud import HOSTS, boot_cloud

EXAMPLES: Final = int(os.environ.get("MINICLOUD_FUZZ_EXAMPLES", "4"))
SEED: Final = int(os.environ.get("MINICLOUD_SEED", "1"))
ADMIN, MEMBER = "admin:p1", "alice:p1"
Call = Callable[..., tuple[int, Any]]


@dataclass
class Fuzz:
    """A mounted application, and the names of things that it knows."""

    app: Any
    known: dict[str, list[Any]] = field(default_factory=dict)
    asked: int = 0
    succeeded: set[tuple[str, str]] = field(default_factory=set)

    def call(self, verb: str, path: str, body: Any = None, version: int = 104) -> tuple[int, Any]:
        request = webob.Request.blank(f"/compute/v2.1{path}", method=verb)
        request.headers["X-Auth-Token"] = ADMIN
        request.headers["OpenStack-API-Version"] = f"compute 2.{version}"
        if body is not None:
            request.content_type, request.body = "application/json", orjson.dumps(body)
        reply = request.get_response(self.app)
        found = orjson.loads(reply.body) if reply.body else None
        return reply.status_int, found

    def stock(self) -> None:
        """See that there are things to ask about, and learn their names."""
        _status, found = self.call("GET", "/servers")
        for number in range(3 - len(found["servers"])):
            server = {
                "name": f"s{number}",
                "flavorRef": "42",
                "imageRef": CIRROS_ID,
                "networks": "none",
                "metadata": {"color": "blue"},
            }
            self.call("POST", "/servers", {"server": server}, 60)
        for name in ("a", "b"):
            self.call("POST", "/os-aggregates", {"aggregate": {"name": name}})
            self.call("POST", "/os-server-groups", {"server_group": {"name": name}})
            self.call("POST", "/os-keypairs", {"keypair": {"name": name}}, 10)
            flavor = {"name": name, "ram": 1, "vcpus": 1, "disk": 0, "id": name}
            self.call("POST", "/flavors", {"flavor": flavor})
            self.call("POST", f"/flavors/{name}/os-extra_specs", {"extra_specs": {"hw:a": "b"}})
        self._learn()

    def _learn(self) -> None:
        pool: list[Any] = [*HOSTS, "p1", "alice", "admin", "default", "1", "42", "OS-DCF"]
        self.known = {
            "key": ["color", "hw:a"],
            "network": ["private"],
            "tag": ["blue"],
            "keypair_name": ["a", "b"],
            "project_id": ["p1"],
            "host_name": list(HOSTS),
            "image_id": [CIRROS_ID],
        }
        for path, key, name in _LISTS:
            status, found = self.call("GET", path)
            if status != 200:
                continue
            ids = [str(item.get("id", item.get("name"))) for item in found.get(key, [])]
            pool += ids
            if ids:
                self.known[name] = ids
        for server in self.known.get("server_id", []):
            self.call("PUT", f"/servers/{server}/tags/blue")
            _status, found = self.call("GET", f"/servers/{server}/os-instance-actions")
            requests = [one["request_id"] for one in (found or {}).get("instanceActions", [])]
            self.known.setdefault("request_id", []).extend(requests)
        self.known["any"] = pool

    def better(self, case: Any, dice: Random) -> None:
        """Put names that exist into most of the places for a name."""
        for name in case.path_parameters or {}:
            if dice.random() < 0.8:
                names = self.known.get(name) or self.known["any"]
                case.path_parameters[name] = dice.choice(names)
        if isinstance(case.body, dict | list) and not _is_wrong(case):
            self._into(case.body, dice)

    def _into(self, value: Any, dice: Random) -> None:
        if isinstance(value, dict) and "flavorRef" in value and dice.random() < 0.6:
            for name in value.keys() - _PLAIN_SERVER:
                del value[name]
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in list(items):
            if isinstance(item, dict | list):
                self._into(item, dice)
            elif name in _BODIES and dice.random() < 0.8:
                names = _BODIES[name] or self.known.get(str(name)) or self.known["any"]
                value[name] = dice.choice(names)


def _is_wrong(case: Any) -> bool:
    """Whether the body breaks its schema."""
    body = case.meta.components.get(ParameterLocation.BODY)
    return body is not None and body.mode is GenerationMode.NEGATIVE


def wrong_bodies_are_refused(_context: Any, response: Any, case: Any) -> None:
    assert response.status_code >= 400 or not _is_wrong(case), f"it took {case.body!r}"


_CHECKS: Final = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    wrong_bodies_are_refused,
]
_LISTS: Final = (
    ("/servers", "servers", "server_id"),
    ("/flavors", "flavors", "flavor_id"),
    ("/os-aggregates", "aggregates", "aggregate_id"),
    ("/os-hypervisors", "hypervisors", "ref"),
    ("/os-services", "services", "service_id"),
    ("/os-server-groups", "server_groups", "server_group_id"),
    ("/os-migrations", "migrations", "migration_id"),
)
_PLAIN_SERVER: Final = frozenset(
    {"name", "flavorRef", "imageRef", "networks", "metadata", "tags", "description", "hostname"}
)
_BODIES: Final[Mapping[Any, list[Any]]] = {
    "flavorRef": ["1", "42"],
    "imageRef": [CIRROS_ID],
    "networks": ["none", "auto"],
    "host": list(HOSTS),
    "availability_zone": ["nova"],
    "block_device_mapping_v2": [[]],
    "key_name": ["a"],
    "group": [],
    "server_uuid": [],
}


@contextmanager
def fuzzed_cloud(directory: Path) -> Iterator[Fuzz]:
    with boot_cloud(directory) as cloud:
        bootstrap(cloud.books, cloud.conf, "p1")
        compute = load(cloud.conf, cloud.books, ZoneHolder(cloud.zone), name="compute_noauth2")
        fuzz = Fuzz(Mounts({"compute": compute}))
        fuzz.stock()
        yield fuzz


def described(fuzz: Fuzz, version: int) -> Any:
    path = f"/compute/v2.1/openapi.json?version=2.{version}"
    return schemathesis.openapi.from_wsgi(path, fuzz.app)


def broken_promises(fuzz: Fuzz, version: int, token: str, mode: GenerationMode) -> list[str]:
    """Every operation with made-up requests; what each did that the document does not say."""
    found: list[str] = []
    for result in described(fuzz, version).get_all_operations():
        operation = result.ok()
        failure = _one(fuzz, operation, token, mode)
        if failure:
            found.append(f"{operation.method.upper()} {operation.path}: {failure}")
    return found


def _one(fuzz: Fuzz, operation: Any, token: str, mode: GenerationMode) -> str | None:
    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(case=operation.as_strategy(generation_mode=mode), number=st.integers(0, 2**32))
    def ask(case: Any, number: int) -> None:
        fuzz.better(case, Random(number))
        if fuzz.asked % 20 == 0:
            fuzz.stock()
        fuzz.asked += 1
        version = operation.schema.raw_schema["info"]["version"]
        case.headers = {
            "X-Auth-Token": token,
            "OpenStack-API-Version": f"compute {version}",
        }
        response = case.call()
        if response.status_code < 400:
            fuzz.succeeded.add((operation.method.upper(), operation.path))
        case.validate_response(response, checks=_CHECKS)

    try:
        ask()
    except BaseExceptionGroup as group:
        return "; ".join(str(error) for error in group.exceptions)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
