"""Other ways to the same things: other verbs, versions and addresses tell nothing more."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import orjson
import pytest

from minicloud.api.row import Row
from minicloud.api.versions import MAX
from tests.functional.isolation.asking import (
    COMPUTE,
    MATRIX,
    NAMES,
    Asker,
    Question,
    Reply,
    Way,
    missing,
)
from tests.functional.isolation.findings import differences
from tests.functional.isolation.who import FOREIGN, MISSING, OWN, RELATIONS
from tests.functional.isolation.world import World
from tests.statements import statements

_VERBS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
_OVERRIDES: Final = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
_PATHS: Final = sorted({row.path for row in COMPUTE})
_SOME: Final = ("nobody", "admin", "member", "reader", "service")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.close()


@pytest.fixture
def asker(world: World) -> Iterator[Asker]:
    with statements(world.database) as said:
        yield Asker(world, said)


def _question(world: World, row: Row, who: str, relation: str, version: int = 0) -> Question:
    newest = version or min(row.until, MAX)
    return Question(row, MATRIX[row], world.personas[who], relation, newest)


def _rows(path: str) -> list[Row]:
    return [row for row in MATRIX if row.path == path]


def _all(asker: Asker, question: Question, way: Way) -> list[Reply]:
    """About own, others' and no things."""
    return [asker.ask(replace(question, relation=one), way) for one in RELATIONS]


@pytest.mark.parametrize("path", sorted({row.path for row in MATRIX}))
def test_a_verb_that_a_path_does_not_know_says_nothing(
    world: World, asker: Asker, path: str
) -> None:
    rows = _rows(path)
    known = {row.verb for row in rows}
    refused = {401} if path in _PATHS else {405}  # the other services look at tokens later
    for verb in (verb for verb in _VERBS if verb not in known):
        for who in _SOME:
            replies = _all(asker, _question(world, rows[0], who, OWN), Way(verb))

            assert {reply.status for reply in replies} <= (refused if who == "nobody" else {405})
            assert list(differences(f"{who} {verb} {path}", replies[0], replies[1:])) == []
            assert set(orjson.loads(replies[0].text)) <= {"unauthorized", "badMethod", "error"}


@pytest.mark.parametrize(
    "row", [row for row in COMPUTE if row.since > 1 or row.until < MAX], ids=lambda row: NAMES[row]
)
def test_a_version_that_has_no_such_route_says_nothing(
    world: World, asker: Asker, row: Row
) -> None:
    for version in ({row.since - 1, row.until + 1} - {0}) & set(range(1, MAX + 1)):
        if (
            any(one.at(version) and one.verb == row.verb for one in _rows(row.path))
            and not row.key
        ):
            continue
        for who in _SOME:
            replies = _all(asker, _question(world, row, who, OWN, version), Way())

            allowed = {401} if who == "nobody" else {404, 405}
            assert {reply.status for reply in replies} <= allowed, (who, version)
            assert list(differences(f"{who} {NAMES[row]}", replies[0], replies[1:])) == []


@pytest.mark.parametrize("path", _PATHS)
def test_the_project_of_the_address_is_the_tokens_or_nothing_is_served(
    world: World, asker: Asker, path: str
) -> None:
    own, foreign = (world.sides[side].project_id for side in ("north", "south"))
    for row in _rows(path):
        for relation in RELATIONS:
            question = _question(world, row, "member", relation)
            plain = asker.ask(question)
            for root in ("/compute/v2.1", "/compute/v2"):
                for project in (foreign, missing(foreign)):
                    refused = asker.ask(question, Way(root=f"{root}/{project}"))

                    assert (refused.status, asker.changed) == (400, False), NAMES[row]
            assert asker.ask(question, Way(root=f"/compute/v2.1/{own}")).status == plain.status


@pytest.mark.parametrize("path", [path for path in _PATHS if "{" in path])
def test_the_old_address_tells_no_more_of_others(world: World, asker: Asker, path: str) -> None:
    for row in _rows(path):
        for who in ("member", "reader"):
            for root in ("/compute/v2", f"/compute/v2/{world.sides['north'].project_id}"):
                question = _question(world, row, who, FOREIGN)
                if question.may:
                    continue
                foreign = asker.ask(question, Way(root=root))
                assert not asker.changed
                none = asker.ask(replace(question, relation=MISSING), Way(root=root))

                assert list(differences(f"{who} {NAMES[row]}", foreign, [none])) == []


@pytest.mark.parametrize("path", [path for path in _PATHS if "{" in path])
def test_head_tells_what_get_tells(world: World, asker: Asker, path: str) -> None:
    for row in (row for row in _rows(path) if row.verb == "GET"):
        for who in ("nobody", "member", "reader", "service"):
            for relation in RELATIONS:
                question = _question(world, row, who, relation)
                head = asker.ask(question, Way("HEAD"))

                assert (head.status, head.text) == (question.expected, ""), str(question)


def test_no_header_makes_another_verb_of_a_request(world: World, asker: Asker) -> None:
    for row in (row for row in COMPUTE if row.verb in ("GET", "POST")):
        question = _question(world, row, "member", OWN)
        plain = asker.ask(question)
        before = asker.changed
        other = asker.ask(question, Way(headers=dict.fromkeys(_OVERRIDES, "DELETE")))

        assert (other.status, asker.changed) == (plain.status, before), NAMES[row]
