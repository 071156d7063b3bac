"""What is named further inside: below a server, in bodies and in queries."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

import pytest

from minicloud.api.row import Row
from minicloud.api.versions import MAX
from tests.functional.isolation.asking import (
    MATRIX,
    NAMES,
    VARIABLE,
    Asker,
    Question,
    Reply,
    missing,
    seen,
)
from tests.functional.isolation.findings import differences
from tests.functional.isolation.people import NORTH, SOUTH
from tests.functional.isolation.references import REFERENCES, Reference
from tests.functional.isolation.who import OWN
from tests.functional.isolation.world import World
from tests.statements import statements

_SHARED: Final = ("{network}", "{implied_id}")  # they are nobody's
_NESTED: Final = [
    row
    for row in MATRIX
    if len(VARIABLE.findall(row.path)) == 2 and not row.path.endswith(_SHARED)
]
_NO_ADDRESS: Final = "10.99.99.9"
_THING: Final = re.compile(r"([$@])([a-z_]+)")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.close()


@pytest.mark.parametrize("who", ["admin", "member"])
@pytest.mark.parametrize("row", _NESTED, ids=lambda row: NAMES[row])
def test_what_is_below_a_thing_is_found_by_its_own_way_only(
    world: World, row: Row, who: str
) -> None:
    must, persona = MATRIX[row], world.personas[who]
    question = Question(row, must, persona, OWN, min(row.until, MAX))
    outer, inner = VARIABLE.findall(row.path)
    with statements(world.database) as said:
        asker = Asker(world, said)
        own, strange = (asker.named(must, persona, side) for side in (NORTH, SOUTH))
        none = {name: missing(ref) for name, ref in strange.items()}

        def asked(first: Mapping[str, str], second: Mapping[str, str]) -> Reply:
            names = {outer: first[outer], inner: second[inner]}
            reply = asker.send(question, names, NORTH)
            harmed = asker.harmed and not (second is strange and reply.status < 300)
            assert not harmed or who == "admin"
            return reply

        inside = [asked(own, strange), asked(own, none)]
        outside = [asked(strange, own), asked(none, own)]

    told = world.secrets(SOUTH) - set(strange.values())
    assert list(differences(NAMES[row], inside[0], inside[1:])) == []
    assert not [secret for secret in told if secret in inside[0].text]
    if who == "member":
        assert list(differences(NAMES[row], outside[0], outside[1:])) == []


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_a_thing_that_is_named_is_the_callers_or_as_good_as_none(
    world: World, reference: Reference
) -> None:
    own, strange = world.sides[NORTH].names, world.sides[SOUTH].names
    with statements(world.database) as said:
        mine = _asked(world, reference, own, said)
        others = _asked(world, reference, strange, said)
        nobodys = _asked(world, reference, _missing(reference, strange), said)

    assert mine.status == reference.own, mine.text
    assert others.status == reference.strange, others.text
    if reference.strange == 202:  # it has an id and a password of its own
        assert (others.status, others.said) == (nobodys.status, nobodys.said)
    else:
        assert list(differences(str(reference), others, [nobodys])) == []
    assert not [secret for secret in world.secrets(SOUTH) if secret in others.text]


def _missing(reference: Reference, strange: Mapping[str, str]) -> dict[str, str]:
    named = {name for mark, name in _THING.findall(f"{reference.path} {reference.body}")}
    return {name: missing(strange[name]) for name in named} | {"address": _NO_ADDRESS}


def _asked(world: World, reference: Reference, names: Mapping[str, str], said: list[str]) -> Reply:
    own = world.sides[NORTH].names
    used: list[str] = []

    def named(found: "re.Match[str]") -> str:
        name = own[found[2]] if found[1] == "@" else names[found[2]]
        used.append(name)
        return name

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return _THING.sub(named, value)
        if isinstance(value, list):
            return [filled(one) for one in value]
        if isinstance(value, dict):
            return {key: filled(one) for key, one in value.items()}
        return value

    path, question, query = filled(reference.path).partition("?")
    root = "" if path.startswith(("/identity", "/image/")) else "/compute/v2.1"
    address = quote(path) + question + quote(query, safe="=&:")
    body, before = filled(reference.body), len(said)
    reply = world.ask(reference.who, reference.verb, address, body, reference.version, root)
    spent = len(said) - before
    if world.has_changed():
        assert world.digest(SOUTH) == world.digests[SOUTH] or reference.strange == 202
        world.restore()
    return seen(reply, [*used, *map(quote, used), *map(quote_plus, used)], spent)
