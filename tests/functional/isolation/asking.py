"""Asks what the matrix holds of a world, and tells where the world differs from it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import webob

from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.api.versions import MAX
from tests.functional.isolation.bodies import BODIES, NOBODY
from tests.functional.isolation.rows import MUST, Must
from tests.functional.isolation.who import FOREIGN, KINDS, MISSING, OK, OWN, RELATIONS
from tests.functional.isolation.world import NORTH, SOUTH, Persona, World
from tests.statements import statements

VARIABLE: Final = re.compile(r"\{([^}]*)\}")
_OTHER: Final = {NORTH: SOUTH, SOUTH: NORTH}
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
}
_BY_NOUN: Final = {
    "metadata/{key}": "metadata",
    "os-extra_specs/{key}": "spec",
    "os-interface/{ref}": "port",
}


def _names_of_rows() -> Mapping[Row, str]:
    """As the matrix names them: what a newer version does otherwise has the plain name."""
    plain: dict[str, list[Row]] = {}
    for row in ALL:
        plain.setdefault(" ".join(filter(None, (row.verb, row.path, row.key))), []).append(row)
    return {
        row: name if row is max(rows, key=lambda one: one.until) else f"{name} to 2.{row.until}"
        for name, rows in plain.items()
        for row in rows
    }


NAMES: Final = _names_of_rows()
_MUST: Final = {must.route: must for must in MUST}
MATRIX: Final = {row: _MUST[name] for row, name in NAMES.items() if name in _MUST}


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
            return 401
        return KINDS[self.must.kind][self.persona.role, self.relation] or self.must.answer

    @property
    def may(self) -> bool:
        return _may(self.must, self.persona, self.relation)


def _may(must: Must, persona: Persona, relation: str) -> bool:
    return bool(persona.role) and KINDS[must.kind][persona.role, relation] == OK


@dataclass(frozen=True)
class Reply:
    """`shape`: all that a client sees, with the name that it asked for taken out."""

    status: int
    shape: tuple[Any, ...]
    text: str
    said: int


class Asker:
    """Sends requests to a world, and puts it back as it was."""

    def __init__(self, world: World, said: list[str]) -> None:
        self._world, self._said = world, said
        self.changed = False

    def ask(self, question: Question) -> Reply:
        row, persona = question.row, question.persona
        side = persona.home if question.relation == OWN else _OTHER[persona.home]
        names = self.named(question.must, persona, side)
        if question.relation == MISSING and names:
            first = next(iter(names))
            names[first] = missing(names[first])
        return self.send(row, persona, names, question.version, side)

    def send(
        self, row: Row, persona: Persona, names: Mapping[str, str], version: int, side: str
    ) -> Reply:
        path = VARIABLE.sub(lambda found: names[found[1]], row.path)
        body = body_of(row, names, self._world.sides[side].names)
        before = len(self._said)
        reply = self._world.ask(persona, row.verb, path, body, version)
        said = len(self._said) - before
        self.changed = self._world.has_changed()
        if self.changed:
            self._world.restore()
        return seen(reply, names.values(), said)

    def named(self, must: Must, persona: Persona, side: str) -> dict[str, str]:
        """What the variables of the path stand for."""
        things = self._world.sides[side].names
        names = {}
        for variable in VARIABLE.findall(must.path):
            thing = must.given.get(variable) or _thing(must.path, variable)
            names[variable] = things.get(thing, NOBODY)
            if thing == "keypair" and side == persona.home:
                names[variable] = f"key of {persona.name}"
        return names

    def secrets(self, persona: Persona) -> set[str]:
        """What nobody is told who is not of that project."""
        strange = {_OTHER[persona.home]} if persona.role != "service" else {NORTH, SOUTH}
        found = {secret for side in strange for secret in self._world.secrets(side)}
        return found - {persona.user_id}


def _thing(path: str, variable: str) -> str:
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


def findings(world: World, rows: Iterable[Row]) -> Iterator[str]:
    """Where the world differs from the matrix."""
    with statements(world.database) as said:
        asker = Asker(world, said)
        for row in rows:
            must = MATRIX[row]
            for persona in world.personas.values():
                yield from _about(asker, row, must, persona, min(row.until, MAX))
            if row.since != min(row.until, MAX):
                yield from _alike(asker, row, must, world.personas["member"], row.since)


def _about(asker: Asker, row: Row, must: Must, persona: Persona, version: int) -> Iterator[str]:
    relations = RELATIONS if VARIABLE.search(row.path) else (OWN,)
    replies = {}
    for relation in relations:
        question = Question(row, must, persona, relation, version)
        reply = replies[relation] = asker.ask(question)
        if reply.status != question.expected:
            yield f"{question}: {reply.status}, not {question.expected}: {reply.text[:300]}"
        if asker.changed and not question.may:
            yield f"{question}: it may not, and something was written"
        if question.may and persona.role != "admin" and reply.status < 300:
            told = {secret for secret in asker.secrets(persona) if secret in reply.text}
            if told:
                yield f"{question}: it is told {told}"
    if len(replies) > 1 and not _may(must, persona, FOREIGN):
        alike = (FOREIGN, MISSING) if persona.role else RELATIONS
        first, *rest = (replies[one] for one in alike)
        yield from _differences(f"{persona} asks {must.route}", first, rest)


def _alike(asker: Asker, row: Row, must: Must, persona: Persona, version: int) -> Iterator[str]:
    """At the oldest version there must be no difference either."""
    if not VARIABLE.search(row.path) or _may(must, persona, FOREIGN):
        return
    first, other = (
        asker.ask(Question(row, must, persona, relation, version))
        for relation in (FOREIGN, MISSING)
    )
    yield from _differences(f"{persona} asks {must.route} at 2.{version}", first, [other])


def _differences(who: str, first: Reply, rest: Iterable[Reply]) -> Iterator[str]:
    for other in rest:
        if other.shape != first.shape:
            yield f"{who}: another's {first.shape} is not as a missing one's {other.shape}"
        if other.said != first.said:
            yield f"{who}: {first.said} statements for another's, {other.said} for none"
