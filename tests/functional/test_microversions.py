"""All routes at all versions over real books, held to the list of what each version changes.

What is expected is the first version's (microversions/first.py) with the changes of
minicloud.api.history, nothing else; what is found comes through the whole pipeline.
"""

import re
from random import Random
from typing import Final

import pytest

from minicloud.api.routes import ALL
from minicloud.api.versions import MAX, MIN
from tests.functional.microversions import fields, routes
from tests.functional.microversions.asks import ASKS, Ask
from tests.functional.microversions.first import FIRST
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
