"""The class of a project: it holds where neither project nor user were given a limit."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from minicloud.api.middleware import context
from minicloud.context import RequestContext
from minicloud.db import quotas
from minicloud.db.engine import Database
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import WANTED, run, stock

__all__ = ["database"]  # a fixture

Ask = Callable[..., tuple[int, Any]]
_ONE = {
    "instances": 1,
    "key_pairs": 1,
    "server_groups": 1,
    "server_group_members": 1,
    "metadata_items": 1,
}


@pytest.fixture
def ask(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Every caller's project is in the class gold, which may have one of everything."""
    stock(database)
    database.write(lambda db: quotas.put_class(db, "gold", _ONE))
    made = partial(RequestContext, quota_class="gold")
    monkeypatch.setattr(context, "RequestContext", made)
    app = application(database, tmp_path)

    def answered(
        verb: str, path: str, body: Any = None, user: str = "alice", version: int = 57
    ) -> tuple[int, Any]:
        reply = asked(app, verb, path, body, user=user, version=version)
        return reply.status_int, orjson.loads(reply.body) if reply.body else None

    return answered


def _boot(ask: Ask, user: str = "alice", **more: Any) -> int:
    wanted = {**WANTED, "networks": "none", **more}
    return ask("POST", "/servers", {"server": wanted}, user=user)[0]


def test_the_class_of_the_project_is_what_it_may_have(ask: Ask) -> None:
    assert [_boot(ask), _boot(ask)] == [202, 403]
    for name, status in (("one", 201), ("two", 403)):
        assert ask("POST", "/os-keypairs", {"keypair": {"name": name}})[0] == status
    group = {"server_group": {"name": "g", "policies": ["affinity"]}}
    assert [ask("POST", "/os-server-groups", group)[0] for _ in range(2)] == [200, 403]


def test_a_group_holds_as_many_as_the_class_says(ask: Ask, database: Database) -> None:
    database.write(lambda db: quotas.put(db, "p1", "", {"instances": 5}))
    body = {"server_group": {"name": "g", "policies": ["affinity"]}}
    group = ask("POST", "/os-server-groups", body)[1]["server_group"]["id"]
    into = {
        "server": {**WANTED, "networks": "none"},
        "os:scheduler_hints": {"group": group},
    }

    assert [ask("POST", "/servers", into)[0] for _ in range(2)] == [202, 403]


def test_metadata_is_held_to_the_class_at_creation_update_and_rebuild(
    ask: Ask, database: Database
) -> None:
    two = {"a": "1", "b": "2"}
    said = "Maximum number of metadata items exceeds 1"
    made = {"server": {**WANTED, "networks": "none"}}
    ref = ask("POST", "/servers", made)[1]["server"]["id"]
    run(database, ref)

    for verb, path, body in (
        ("POST", "/servers", {"server": {**WANTED, "networks": "none", "metadata": two}}),
        ("POST", f"/servers/{ref}/metadata", {"metadata": two}),
        ("PUT", f"/servers/{ref}/metadata", {"metadata": two}),
        (
            "POST",
            f"/servers/{ref}/action",
            {"rebuild": {"imageRef": WANTED["imageRef"], "metadata": two}},
        ),
    ):
        status, fault = ask(verb, path, body)
        assert (status, fault["forbidden"]["message"]) == (403, said), path


def test_a_restore_is_held_to_the_class(ask: Ask, database: Database) -> None:
    made = {"server": {**WANTED, "networks": "none"}}
    ref = ask("POST", "/servers", made)[1]["server"]["id"]
    run(database, ref, vm_state="soft-delete")
    assert _boot(ask) == 202

    status, fault = ask("POST", f"/servers/{ref}/action", {"restore": None})

    assert status == 403
    assert fault["forbidden"]["message"] == (
        "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances"
    )


def test_limits_and_quota_sets_show_the_class_of_the_own_project(ask: Ask) -> None:
    assert ask("GET", "/limits")[1]["limits"]["absolute"]["maxTotalInstances"] == 1
    assert ask("GET", "/os-quota-sets/p1")[1]["quota_set"]["instances"] == 1
    assert ask("GET", "/os-quota-sets/p1/detail")[1]["quota_set"]["instances"]["limit"] == 1
    assert ask("GET", "/os-quota-sets/p2", user="admin")[1]["quota_set"]["instances"] == 10
    assert ask("GET", "/os-quota-sets/p1/defaults")[1]["quota_set"]["instances"] == 10


def test_what_the_class_does_not_say_the_class_default_says_and_then_the_options(
    ask: Ask, database: Database
) -> None:
    database.write(lambda db: quotas.put_class(db, "default", {"instances": 7, "cores": 7}))

    shown = ask("GET", "/os-quota-sets/p1")[1]["quota_set"]

    assert (shown["instances"], shown["cores"], shown["ram"]) == (1, 7, 51200)


def test_own_limits_go_before_the_class(ask: Ask, database: Database) -> None:
    database.write(lambda db: quotas.put(db, "p1", "", {"instances": 3}))
    database.write(lambda db: quotas.put(db, "p1", "bob", {"instances": 2}))

    assert [_boot(ask, "bob") for _ in range(3)] == [202, 202, 403]
    assert [_boot(ask) for _ in range(2)] == [202, 403]


def test_the_class_is_that_of_the_file_of_rate_limits(database: Database, tmp_path: Path) -> None:
    stock(database)
    database.write(lambda db: quotas.put_class(db, "gold", {"instances": 1}))
    limits = tmp_path / "limits.yaml"
    limits.write_text("limits: []\nclasses: {p1: gold}\n")
    app = application(database, tmp_path, limits_file=limits)

    def boot(user: str) -> int:
        wanted = {**WANTED, "networks": "none"}
        reply = asked(app, "POST", "/servers", {"server": wanted}, user=user, version=57)
        status: int = reply.status_int
        return status

    assert [boot("alice:p1") for _ in range(2)] == [202, 403]
    assert [boot("admin:p2") for _ in range(2)] == [202, 202]
