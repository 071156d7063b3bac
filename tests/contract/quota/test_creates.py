"""Many creates at once, by eight API processes: as many as fit, and not one more."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from minicloud.db import quotas
from minicloud.db.engine import Database
from tests.contract.db.rows import together
from tests.contract.quota.clients import Books, Processes, killed, meanwhile

_ASKED, _ROOM = 200, 37
_UNLIMITED = {"instances": -1, "cores": -1, "ram": -1}
_NANO_MB = 128


def _limit(database: Database, project: str, limits: Mapping[str, int], user: str = "") -> None:
    database.write(lambda db: quotas.put(db, project, user, limits))


def _said(what: str, asked: int, used: int, limit: int) -> str:
    return (
        f"Quota exceeded for {what}: Requested {asked}, but already used {used} of {limit} {what}"
    )


def _create_all(processes: Processes, project: str, count: int) -> list[tuple[int, Any]]:
    clients = [processes.client(f"alice:{project}") for _ in range(count)]
    return together(count, lambda number: clients[number].create())


def _refusals(answers: list[tuple[int, Any]]) -> set[str]:
    return {body["forbidden"]["message"] for status, body in answers if status == 403}


def test_of_200_creates_at_once_37_are_accepted_and_the_rest_refused_at_once(
    processes: Processes, database: Database, books: Books
) -> None:
    _limit(database, "many", _UNLIMITED | {"instances": _ROOM})
    reader = processes.client("alice:many")
    seen: set[int] = set()

    def look() -> None:
        before, used, after = reader.listed(), reader.used(), reader.listed()
        assert before <= used["instances"] <= after
        counted, rows = books.look("many")
        assert counted == rows[""]
        seen.add(counted["instances"])

    with meanwhile(look):
        answers = _create_all(processes, "many", _ASKED)

    assert Counter(status for status, _ in answers) == {202: _ROOM, 403: _ASKED - _ROOM}
    assert _refusals(answers) == {_said("instances", 1, _ROOM, _ROOM)}
    assert reader.listed() == reader.used()["instances"] == _ROOM
    assert max(seen) == _ROOM
    assert {one["status"] for one in _servers(reader)} <= {"BUILD", "ACTIVE"}


def _servers(reader: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.ask("GET", "/servers/detail")[1]["servers"]
    return found


@pytest.mark.parametrize(
    ("whose", "tight", "limit", "said"),
    [
        ("project", "cores", 7, _said("cores", 1, 7, 7)),
        ("project", "ram", 7 * _NANO_MB + 5, _said("ram", _NANO_MB, 7 * _NANO_MB, 901)),
        ("user", "instances", 7, _said("instances", 1, 7, 7)),
        ("user", "cores", 7, _said("cores", 1, 7, 7)),
    ],
)
def test_whichever_limit_is_the_tight_one_is_kept_exactly(
    processes: Processes, database: Database, whose: str, tight: str, limit: int, said: str
) -> None:
    project = f"{whose}-{tight}"
    _limit(database, project, _UNLIMITED)
    _limit(database, project, {tight: limit}, "" if whose == "project" else "alice")

    answers = _create_all(processes, project, 32)

    assert Counter(status for status, _ in answers) == {202: 7, 403: 25}
    assert _refusals(answers) == {said}
    assert processes.client(f"bob:{project}").create()[0] == (403 if whose == "project" else 202)


def test_requests_for_several_take_what_fits_and_fill_the_quota_to_the_last(
    processes: Processes, database: Database
) -> None:
    _limit(database, "several", _UNLIMITED | {"instances": 23})
    clients = [processes.client("alice:several") for _ in range(24)]

    answers = together(24, lambda n: clients[n].create(min_count=1, max_count=5))

    accepted = sum(status == 202 for status, _ in answers)
    assert Counter(status for status, _ in answers) == {202: accepted, 403: 24 - accepted}
    assert clients[0].used()["instances"] == clients[0].listed() == 23
    assert accepted == 5


def test_processes_that_are_killed_let_nobody_through_and_keep_nobody_out(
    processes: Processes, database: Database, books: Books
) -> None:
    _limit(database, "killed", _UNLIMITED | {"instances": _ROOM})
    clients = [processes.client("alice:killed") for _ in range(_ASKED)]

    def look() -> None:
        counted, rows = books.look("killed")
        assert counted == rows[""]
        assert counted["instances"] <= _ROOM

    with meanwhile(look), killed(processes, 9) as dead:
        answers = together(_ASKED, lambda number: clients[number].create())

    assert Counter(status for status, _ in answers) == {202: _ROOM, 403: _ASKED - _ROOM}
    assert len({body["server"]["id"] for status, body in answers if status == 202}) == _ROOM
    assert clients[0].used()["instances"] == clients[0].listed() == _ROOM
    assert len(dead) >= 3
    assert sum(client.lost for client in clients) >= sum(place != "" for place in dead) >= 2
