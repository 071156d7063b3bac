"""OSSA-2014-007, CVE-2014-0105: under load a request was given the identity of another user.

MINICLOUD_INTERLEAVED says how many requests are made; a million take some minutes.
"""

import http.client
import json
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import pytest

from minicloud.api.middleware import context
from minicloud.auth.remembered import Memory
from minicloud.db.engine import Database
from tests.functional.advisories import demands_failure
from tests.functional.over_http import serving
from tests.functional.whole import COMPUTE_URL, Person, Whole

_REQUESTS: Final = int(os.environ.get("MINICLOUD_INTERLEAVED", "3000"))
_OF_A_MUTANT: Final = 300
_CLIENTS: Final = 12
_PEOPLE: Final = 12


@dataclass(frozen=True)
class Customer:
    person: Person
    server: str


def _customers(cloud: Whole) -> list[Customer]:
    """Each the only one of a project, with a server that bears the user's name."""
    people = [cloud.person(f"user-{n}", f"project-{n}") for n in range(_PEOPLE)]
    return [Customer(who, cloud.boot(who, who.name)) for who in people]


def _all_servers(found: Any, one: Customer) -> bool:
    owners = [(s["id"], s["name"], s["tenant_id"], s["user_id"]) for s in found["servers"]]
    who = one.person
    return owners == [(one.server, who.name, who.project_id, who.user_id)]


def _a_server(found: Any, one: Customer) -> bool:
    return bool(found["server"]["user_id"] == one.person.user_id)


def _a_token(found: Any, one: Customer) -> bool:
    who = found["token"]["user"]["id"], found["token"]["project"]["id"]
    return who == (one.person.user_id, one.person.project_id)


def _a_foreign_server(found: Any, one: Customer) -> bool:
    return list(found) == ["itemNotFound"]


def _projects(found: Any, one: Customer) -> bool:
    return [project["id"] for project in found["projects"]] == [one.person.project_id]


def _renamed(found: Any, one: Customer) -> bool:
    return bool(found["server"]["id"] == one.server)


Kind = tuple[str, Callable[[Customer, Customer], tuple[str, Any]], Callable[[Any, Customer], bool]]
_KINDS: Final[Sequence[Kind]] = (
    ("GET", lambda one, other: (f"{COMPUTE_URL}/servers/detail", None), _all_servers),
    ("GET", lambda one, other: (f"{COMPUTE_URL}/servers/{one.server}", None), _a_server),
    ("GET", lambda one, other: (f"{COMPUTE_URL}/servers/{other.server}", None), _a_foreign_server),
    ("GET", lambda one, other: ("/identity/v3/auth/tokens?nocatalog", None), _a_token),
    ("GET", lambda one, other: ("/identity/v3/auth/projects", None), _projects),
    (
        "PUT",
        lambda one, other: (
            f"{COMPUTE_URL}/servers/{one.server}",
            {"server": {"name": one.person.name}},
        ),
        _renamed,
    ),
)
_ODDS: Final = (30, 25, 15, 15, 14, 1)


def _client(
    address: tuple[str, int], customers: Sequence[Customer], seed: int, count: int
) -> list[str]:
    """One connection that many users share, as a proxy's; what was wrong with the answers."""
    dice, wrong = random.Random(seed), []
    connection = http.client.HTTPConnection(*address, timeout=60)
    for _ in range(count):
        one, other = dice.sample(customers, 2)
        ((verb, asks, is_right),) = dice.choices(_KINDS, _ODDS)
        path, body = asks(one, other)
        token = one.person.token
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        headers["Content-Type"] = "application/json"
        connection.request(verb, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        try:
            right = is_right(json.loads(text), one)
        except (KeyError, ValueError):
            right = False
        if not right:
            wrong.append(f"{verb} {path} as {one.person.name}: {answer.status} {text[:200]!r}")
    connection.close()
    return wrong


def everyone_is_answered_as_who_they_are(cloud: Whole, count: int) -> None:
    customers = _customers(cloud)
    with serving(cloud) as address, ThreadPoolExecutor(_CLIENTS) as pool:
        wrong = pool.map(
            lambda seed: _client(address, customers, seed, count // _CLIENTS), range(_CLIENTS)
        )
        found = [text for texts in wrong for text in texts]
    assert not found, (len(found), found[:3])


def test_no_answer_is_another_users(cloud: Whole) -> None:
    everyone_is_answered_as_who_they_are(cloud, _REQUESTS)


def test_a_filter_that_keeps_who_asks_is_found(
    cloud: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What belongs to a request is kept in what serves them all."""

    def made(self: context.Context, grant: Any, environ: Any) -> Any:
        last["grant"] = grant
        time.sleep(0)
        return true(self, last["grant"], environ)

    last: dict[str, Any] = {}
    true = context.Context._context
    monkeypatch.setattr(context.Context, "_context", made)

    with demands_failure():
        everyone_is_answered_as_who_they_are(cloud, _OF_A_MUTANT)


def test_a_connection_that_two_share_is_found(
    cloud: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer is given to whoever asks next on the connection: now and then someone else."""

    def read(self: Database, work: Any) -> Any:
        found = true(self, work)
        if getattr(found, "audit_id", None) is None:
            return found
        with lock:
            waiting.append(found)
            return waiting.pop(0) if len(waiting) > 2 else waiting[0]

    lock, waiting = threading.Lock(), []  # type: ignore[var-annotated]
    true = Database.read
    monkeypatch.setattr(Database, "read", read)

    with demands_failure():
        everyone_is_answered_as_who_they_are(cloud, _OF_A_MUTANT)


def test_a_cache_by_too_little_is_found(cloud: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(self: Memory, token_hash: str) -> Any:
        return true_get(self, token_hash[:1])

    def keep(self: Memory, token_hash: str, found: Any) -> None:
        true_keep(self, token_hash[:1], found)

    true_get, true_keep = Memory.get, Memory.keep
    monkeypatch.setattr(Memory, "get", get)
    monkeypatch.setattr(Memory, "keep", keep)

    with demands_failure():
        everyone_is_answered_as_who_they_are(cloud, _OF_A_MUTANT)
