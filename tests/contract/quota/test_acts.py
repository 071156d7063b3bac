"""Many at once that each need more: as many begin as there is room for, and not one more."""

from collections import Counter
from typing import Any

import pytest

from minicloud.db import quotas
from minicloud.db.engine import Database
from tests.contract.db.rows import together
from tests.contract.quota.clients import Books, Client, Processes, wait_for_rest
from tests.functional.image_rows import IMAGE

_MANY, _ROOM = 16, 5
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5jyFHHmSn0vmZq3vYwMkgLxIGSP1wMbVPA0OtFm0tH"


def _running(processes: Processes, database: Database, project: str) -> list[str]:
    """Servers of one core each."""
    database.write(lambda db: quotas.put(db, project, "", {"instances": _MANY, "cores": _MANY}))
    client = processes.client(f"alice:{project}")
    assert client.create(min_count=_MANY)[0] == 202
    wait_for_rest(database, project)
    found = client.ask("GET", "/servers?status=ACTIVE")[1]["servers"]
    assert len(found) == _MANY
    return [server["id"] for server in found]


def _act(processes: Processes, project: str, ids: list[str], action: Any) -> list[tuple[int, Any]]:
    clients = [processes.client(f"alice:{project}") for _ in ids]
    paths = [f"/servers/{ref}/action" for ref in ids]
    return together(len(ids), lambda n: clients[n].ask("POST", paths[n], action))


def _messages(answers: list[tuple[int, Any]]) -> set[str]:
    return {body["forbidden"]["message"] for status, body in answers if status == 403}


def test_as_many_resizes_begin_as_there_are_cores(
    processes: Processes, database: Database, books: Books
) -> None:
    ids, limit = _running(processes, database, "resizes"), _MANY + _ROOM
    database.write(lambda db: quotas.put(db, "resizes", "", {"cores": limit}))

    answers = _act(processes, "resizes", ids, {"resize": {"flavorRef": "3"}})

    assert Counter(status for status, _ in answers) == {202: _ROOM, 403: _MANY - _ROOM}
    assert _messages(answers) == {
        f"Quota exceeded for cores: Requested 1, but already used {limit} of {limit} cores"
    }
    reader = processes.client("alice:resizes")
    assert reader.used()["cores"] == limit
    wait_for_rest(database, "resizes")
    counted, rows = books.look("resizes")
    assert counted == rows[""] == reader.used()
    assert counted["cores"] == limit


def test_as_many_restores_begin_as_there_may_be_servers(
    processes: Processes, database: Database, books: Books
) -> None:
    ids = _running(processes, database, "restores")
    alice = processes.client("alice:restores")
    assert {alice.ask("DELETE", f"/servers/{ref}")[0] for ref in ids} == {204}
    wait_for_rest(database, "restores")
    database.write(lambda db: quotas.put(db, "restores", "", {"instances": _ROOM}))

    answers = _act(processes, "restores", ids, {"restore": None})

    assert Counter(status for status, _ in answers) == {202: _ROOM, 403: _MANY - _ROOM}
    assert _messages(answers) == {
        f"Quota exceeded for instances: Requested 1, but already used {_ROOM} of {_ROOM} instances"
    }
    wait_for_rest(database, "restores")
    assert books.look("restores")[1][""]["instances"] == alice.listed() == _ROOM


def _post(path: str, body: Any) -> Any:
    return lambda client, number: client.ask("POST", path, body(number))


def _into(client: Client) -> Any:
    """Creates in a group of theirs."""
    group = {"server_group": {"name": "g", "policies": ["soft-affinity"]}}
    status, made = client.ask("POST", "/os-server-groups", group)
    assert status == 200, made
    hints = {"group": made["server_group"]["id"]}
    server = {"name": "vm", "flavorRef": "42", "imageRef": IMAGE, "networks": "none"}
    body = {"server": server, "os:scheduler_hints": hints}
    return lambda one, _number: one.ask("POST", "/servers", body)


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ("key_pairs", "Quota exceeded, too many key pairs."),
        ("server_groups", "Quota exceeded, too many server groups."),
        ("server_group_members", "Quota exceeded, too many servers in group"),
    ],
)
def test_of_what_is_not_a_server_there_are_as_many_as_may_be(
    processes: Processes, database: Database, resource: str, said: str
) -> None:
    user = f"alice-{database.dialect}-{resource}:{resource}"
    database.write(lambda db: quotas.put(db, resource, "", {resource: _ROOM, "instances": 99}))
    clients = [processes.client(user) for _ in range(_MANY)]
    make = {
        "key_pairs": lambda: _post(
            "/os-keypairs", lambda n: {"keypair": {"name": f"k{n}", "public_key": _KEY}}
        ),
        "server_groups": lambda: _post(
            "/os-server-groups",
            lambda n: {"server_group": {"name": f"g{n}", "policies": ["affinity"]}},
        ),
        "server_group_members": lambda: _into(clients[0]),
    }[resource]()

    answers = together(_MANY, lambda number: make(clients[number], number))

    assert sum(status < 300 for status, _ in answers) == _ROOM
    assert Counter(status for status, _ in answers)[403] == _MANY - _ROOM
    assert _messages(answers) == {said}
