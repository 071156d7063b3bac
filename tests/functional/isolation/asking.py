"""Asks a world what the matrix holds, and notes all that a client could see of the answer."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import webob

from minicloud.api.routes import ALL
from minicloud.api.row import Row
from tests.functional.isolation.bodies import BODIES, NOBODY
from tests.functional.isolation.people import NORTH, SOUTH, Persona
from tests.functional.isolation.rows import MUST, OF_SERVICES, Must
from tests.functional.isolation.services import ROUTES_OF_SERVICES, TYPES
from tests.functional.isolation.who import KINDS, MISSING, OK, OWN
from tests.functional.isolation.world import World

SUBJECT: Final = "own_token"
VARIABLE: Final = re.compile(r"\{([^}]*)\}")
OTHER: Final = {NORTH: SOUTH, SOUTH: NORTH}
_CHANGING: Final = {"x-compute-request-id", "x-openstack-request-id", "date"}
_THINGS: Final = {
    "server_id": "server",
    "flavor_id": "flavor",
    "image_id": "image",
    "server_group_id": "group",
    "keypair_name": "keypair",
    "aggregate_id": "aggregate",
    "migration_id": "migration",
    "request_id": "request",
    "console_token": "token",
    "project_id": "project",
    "host_name": "host",
    "service_id": "service",
    "name": "class",
    "user_id": "user",
    "role_id": "role",
    "prior_id": "role",
    "implied_id": "implied_role",
    "domain_id": "domain",
    "member_id": "project",
}
_BY_LIST: Final = {  # what {id} is, below the lists of the services
    "users": "user",
    "projects": "project",
    "domains": "domain",
    "roles": "role",
    "regions": "region",
    "services": "catalog_service",
    "endpoints": "endpoint",
    "application_credentials": "credential",
    "images": "image",
}
_BY_NOUN: Final = {
    "metadata/{key}": "metadata",
    "os-extra_specs/{key}": "spec",
    "os-interface/{ref}": "port",
}


def _names_of_rows() -> Mapping[Row, str]:
    """As the matrix names them: what a newer version does otherwise has the plain name."""
    plain: dict[str, list[Row]] = {}
    for row in (*ALL, *ROUTES_OF_SERVICES):
        plain.setdefault(" ".join(filter(None, (row.verb, row.path, row.key))), []).append(row)
    return {
        row: name if row is max(rows, key=lambda one: one.until) else f"{name} to 2.{row.until}"
        for name, rows in plain.items()
        for row in rows
    }


NAMES: Final = _names_of_rows()
_MUST: Final = {must.route: must for must in (*MUST, *OF_SERVICES)}
_ELSEWHERE: Final = frozenset(ROUTES_OF_SERVICES)
MATRIX: Final = {row: _MUST[name] for row, name in NAMES.items() if name in _MUST}

COMPUTE: Final = [row for row in MATRIX if row not in _ELSEWHERE]


@dataclass(frozen=True)
class Question:
    """What is asked about whose thing: `side` is of the first thing that the path names."""

    row: Row
    must: Must
    persona: Persona
    relation: str
    version: int

    def __str__(self) -> str:
        what = f"{self.must.route} at 2.{self.version}"
        return f"{self.persona.name} asks {what} ({self.relation})"

    @property
    def expected(self) -> int:
        if not self.persona.role:
            return self.must.answer if self.must.kind == "open" else 401
        return KINDS[self.must.kind][self.persona.role, self.relation] or self.must.answer

    @property
    def may(self) -> bool:
        return may(self.must, self.persona, self.relation)


def may(must: Must, persona: Persona, relation: str) -> bool:
    return bool(persona.role) and KINDS[must.kind][persona.role, relation] == OK


@dataclass(frozen=True)
class Way:
    """How it is asked: with another verb than the route's, under another address."""

    verb: str = ""
    root: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


PLAIN: Final = Way()


@dataclass(frozen=True)
class Reply:
    """`shape`: all that a client sees, with the name that it asked for taken out."""

    status: int
    shape: tuple[Any, ...]
    text: str
    said: int


class Asker:
    """Sends requests to a world, and puts it back as it was.

    `changed` tells whether the last one wrote anything, `harmed` whether the other project's
    things are other than they were.
    """

    def __init__(self, world: World, said: list[str]) -> None:
        self._world, self._said = world, said
        self.changed = self.harmed = False

    def ask(self, question: Question, way: Way = PLAIN) -> Reply:
        """What is missing is missing from the first place in the path."""
        persona = question.persona
        side = persona.home if question.relation == OWN else OTHER[persona.home]
        names = self.named(question.must, persona, side)
        if question.relation == MISSING and names:
            first = next(iter(names))
            names[first] = missing(names[first])
        return self.send(question, names, side, way)

    def send(
        self, question: Question, names: Mapping[str, str], side: str, way: Way = PLAIN
    ) -> Reply:
        row, persona, version = question.row, question.persona, question.version
        path = VARIABLE.sub(lambda found: names[found[1]], row.path)
        headers = {**way.headers, "Content-Type": TYPES.get(NAMES[row], TYPES["usual"])}
        if SUBJECT in names:
            headers["X-Subject-Token"] = names[SUBJECT]
        root = "" if row in _ELSEWHERE else "/compute/v2.1"
        body = body_of(row, names, self._world.sides[side].names)
        verb, before = way.verb or row.verb, len(self._said)
        reply = self._world.ask(persona, verb, path, body, version, way.root or root, **headers)
        said = len(self._said) - before
        self.changed = self._world.has_changed()
        self.harmed = self.changed and self._harms(OTHER[persona.home])
        if self.changed:
            self._world.restore()
        return seen(reply, names.values(), said)

    def named(self, must: Must, persona: Persona, side: str) -> dict[str, str]:
        """What the variables of the path stand for."""
        things = self._world.sides[side].names
        names = {}
        for variable in variables(must):
            thing = must.given.get(variable) or _thing(must.path, variable)
            names[variable] = things.get(thing, NOBODY)
            if side == persona.home and thing in persona.own and variable not in must.given:
                names[variable] = persona.own[thing]
        return names

    def _harms(self, side: str) -> bool:
        return self._world.digest(side) != self._world.digests[side]

    def secrets(self, persona: Persona) -> set[str]:
        """What nobody is told who is not of that project."""
        strange = {OTHER[persona.home]} if persona.role != "service" else {NORTH, SOUTH}
        found = {secret for side in strange for secret in self._world.secrets(side)}
        return found - {persona.user_id}


def variables(must: Must) -> list[str]:
    """The places of the path, or of a header, that name something."""
    found: list[str] = VARIABLE.findall(must.path)
    if must.path.endswith("/auth/tokens") and not must.route.startswith("POST"):
        found.append(SUBJECT)
    return found


def _thing(path: str, variable: str) -> str:
    if variable == "id":
        return _BY_LIST.get(path.partition("/{id}")[0].rpartition("/")[2], "nothing")
    if "/migrations" in path and variable == "server_id":
        return "moving"
    if variable in _THINGS:
        return _THINGS[variable]
    if path.startswith("/images") and variable == "key":
        return "property"
    for end, thing in _BY_NOUN.items():
        if path.endswith(end):
            return thing
    return variable


def missing(name: str) -> str:
    """A name of the same form that nothing bears."""
    return name[:-1] + ("1" if name.endswith("0") else "0")


def body_of(row: Row, names: Mapping[str, str], things: Mapping[str, str]) -> Any:
    plain = NAMES[row].replace("/os-volumes_boot", "/servers")
    usual: Any = {} if row.verb in ("POST", "PUT") and row.key is None else None
    known = BODIES.get(row.key or plain, usual)
    body = {row.key: known} if row.key else known
    return _filled(body, {**things, **names})


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return names[value[1:]]
    if isinstance(value, list):
        return [_filled(one, names) for one in value]
    if isinstance(value, dict):
        return {_filled(key, names): _filled(one, names) for key, one in value.items()}
    return value


def seen(reply: webob.Response, asked: Iterable[str], said: int) -> Reply:
    names = [re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)") for name in asked]

    def blank(text: str) -> str:
        for name in names:
            text = name.sub("*", text)
        return text

    headers = [
        (name, blank(value)) for name, value in reply.headerlist if name.lower() not in _CHANGING
    ]
    text = blank(reply.body.decode())
    return Reply(reply.status_int, (reply.status_int, sorted(headers), text), text, said)
