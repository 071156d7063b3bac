"""All routes at all versions over real books, held to the list of what each version changes.

What is expected is the first version's (microversions/first.py) with the changes of
minicloud.api.history, nothing else; what is found comes through the whole pipeline.
"""

import re
from random import Random
from typing import Final

import pytest

from minicloud.api.history import HISTORY, deltas
from minicloud.api.routes import ALL
from minicloud.api.routes_elsewhere import ELSEWHERE
from minicloud.api.row import Row
from minicloud.api.versions import MAX, MIN, Since
from tests.functional.microversions import fields, requests, routes
from tests.functional.microversions.asks import ASKS, Ask
from tests.functional.microversions.first import FIRST
from tests.functional.microversions.first_requests import BODIES, QUERIES
from tests.functional.microversions.samples import SAMPLES
from tests.functional.microversions.world import World

_VARIABLE: Final = re.compile(r"\{[^}]*\}")
_NO_ROUTE: Final = b"The resource could not be found."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


def _around(changes: set[int], since: int = 1, until: int = MAX) -> list[int]:
    """The ends, both sides of each change, and a few others."""
    others = Random(since * MAX + until).choices(range(since, until + 1), k=2)
    near = {version + step for version in changes for step in (-1, 0)}
    return sorted({v for v in near if since <= v <= until} | {since, until, *others})


@pytest.mark.parametrize("ask", ASKS, ids=str)
def test_each_version_shows_the_fields_that_it_has_and_no_others(world: World, ask: Ask) -> None:
    since, first = FIRST[ask.thing]
    for version in _around(fields.changes_of(ask.thing), ask.since, ask.until):
        for user in ask.users:
            wanted = fields.expected(set(first.split()), since, ask.thing, version, user)

            found = fields.found(ask.thing, ask.asked(world, version, user))

            assert found == wanted, f"{ask} at 2.{version} for {user}"


_ROWS: Final = sorted({(row.verb, row.path, row.key or "") for row in ALL})


@pytest.mark.parametrize(("verb", "path", "key"), _ROWS, ids=lambda text: text or "-")
def test_a_route_is_there_at_its_versions_and_at_no_other(
    world: World, verb: str, path: str, key: str
) -> None:
    address = _VARIABLE.sub(lambda name: "OS-DCF" if name[0] == "{alias}" else "nobody", path)
    body = {key: None} if key else None if verb in ("GET", "DELETE") else {}
    for version in range(MIN, MAX + 1):
        reply = world.ask(verb, address, body, version)

        missing = reply.status_int == 404 and _NO_ROUTE in reply.body
        assert missing is not routes.is_there(verb, path, key, version), f"2.{version}"
        assert reply.headers["OpenStack-API-Version"] == f"compute 2.{version}"
        assert reply.headers["X-OpenStack-Nova-API-Version"] == f"2.{version}"
        assert "OpenStack-API-Version" in reply.headers["Vary"]


_BODIES: Final = [row for row in ALL if requests.CONTRACTS[row].body is not None]
_QUERIES: Final = [row for row in ALL if row.verb == "GET" or requests.CONTRACTS[row].query]


def _named(row: Row) -> str:
    return f"{row.verb} {row.path} {row.key or ''}"


@pytest.mark.parametrize("row", _BODIES, ids=_named)
def test_a_body_may_hold_the_fields_of_the_version_and_no_others(row: Row) -> None:
    name = requests.name_of_body(row)
    since, first = BODIES[name]
    for version in range(row.since, row.until + 1):
        wanted = requests.expected("bodies", name, version, frozenset(first.split()), since)

        assert requests.fields_of(row, version) == wanted, f"2.{version}"


@pytest.mark.parametrize("row", _QUERIES, ids=_named)
def test_a_query_may_hold_the_parameters_of_the_version_and_no_others(
    world: World, row: Row
) -> None:
    name = requests.name_of(row)
    since, first = QUERIES.get(name, (1, ""))
    changes = requests.changes_of("queries", name) | {Since.STRICT_EVERYWHERE}
    address = _VARIABLE.sub("nobody", row.path)
    for version in _around(changes, row.since, row.until):
        wanted = requests.expected("queries", name, version, frozenset(first.split()), since)
        strict = requests.STRICT in wanted
        if requests.reads(row):
            strict |= version >= Since.STRICT_EVERYWHERE

        assert requests.parameters_of(row, version) == wanted, f"2.{version}"
        assert _is_refused(world, row.verb, f"{address}?nonsense=1", version) is strict
        for parameter in requests.ever("queries", name) - wanted - {requests.STRICT}:
            assert _is_refused(world, row.verb, f"{address}?{parameter}=1", version) is strict


def _is_refused(world: World, verb: str, path: str, version: int) -> bool:
    """For a field or parameter that is not known."""
    reply = world.ask(verb, path, {"quota_set": {}} if verb == "PUT" else None, version)
    return reply.status_int == 400 and b"Additional properties" in reply.body


_FIELDS: Final = [(thing, field) for thing, samples in SAMPLES.items() for field in samples.fields]


def test_each_field_that_comes_or_goes_is_tried() -> None:
    told = {
        (routes.plain(delta.thing), field.partition(".")[0])
        for change in HISTORY.values()
        for delta in deltas(change.bodies)
        for field in delta.gained | delta.lost
    }

    tried = {(routes.plain(thing), field.partition(".")[0]) for thing, field in _FIELDS}
    assert tried == told


@pytest.mark.parametrize(("thing", "field"), _FIELDS)
def test_a_field_is_taken_at_its_versions_and_at_no_other(
    world: World, thing: str, field: str
) -> None:
    name, samples = routes.plain(thing), SAMPLES[thing]
    since, first = BODIES[name]
    for version in _around(requests.changes_of("bodies", name), samples.since):
        known = requests.expected("bodies", name, version, frozenset(first.split()), since)
        verb, path, body = samples.request(field, version)

        reply = world.ask(verb, path.format(**world.names), body, version)

        unknown = reply.status_int == 400 and b"Additional properties" in reply.body
        assert unknown is (field not in known), f"2.{version}: {reply.body!r}"


_HERE: Final = [
    row
    for row in ALL
    if row not in ELSEWHERE or "/action" in row.path or row.path.startswith("/images")
]


@pytest.mark.parametrize("row", _HERE, ids=_named)
def test_a_route_succeeds_with_the_statuses_of_the_version(row: Row) -> None:
    """Every test that drives a handler fails where it does not do what it declares."""
    for version in range(row.since, row.until + 1):
        declared = requests.CONTRACTS[row].statuses_at(version)

        assert set(declared) == routes.success(requests.name_of(row), version), f"2.{version}"
