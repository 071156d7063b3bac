"""A route about somebody's thing asks its rule again, with the thing: never only in general."""

import re
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from minicloud.api.policies.extensions import GONE
from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.db.engine import Database
from tests.contract.db.rows import add_instances, instance
from tests.functional.isolation.asking import body_of
from tests.functional.over_books import application, asked, database

__all__ = ["database"]  # a fixture

OWNED: Final = {"server_id", "server_group_id"}
ROWS: Final = [
    row for row in ALL if row.rule != GONE and OWNED & set(re.findall(r"\{(\w+)\}", row.path))
]
MINE: Final = "bob:p1:manager"  # may see alice's things by the project


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    """By its rules everybody may do everything with what is their own, and nothing besides."""
    rules = {row.rule for row in ROWS}
    lines = "".join(f'"{rule}": "user_id:%(user_id)s"\n' for rule in sorted(rules))
    (tmp_path / "policy.yaml").write_text(lines)
    (tmp_path / "minicloud.conf").touch()
    return application(database, tmp_path, config_file=tmp_path / "minicloud.conf")


@pytest.fixture
def things(app: Any, database: Database) -> dict[str, str]:
    """Alice's, of the project p1."""
    row = instance(vm_state="active", task_state=None, host="node1")
    (server,) = add_instances(database, [row])
    group = {"server_group": {"name": "g", "policies": ["affinity"]}}
    made = asked(app, "POST", "/os-server-groups", group, user="alice:p1:member")
    return {"server_id": server, "server_group_id": made.json["server_group"]["id"]}


def test_a_rule_about_users_keeps_others_of_the_project_from_every_route(
    app: Any, things: dict[str, str]
) -> None:
    wrong = [found for row in ROWS for found in [_answer(app, row, things)] if found]

    assert len(ROWS) > 100
    assert wrong == []


def _answer(app: Any, row: Row, things: dict[str, str]) -> str:
    """What is wrong with the answer; nothing when it names the route's own rule."""
    names = dict.fromkeys(re.findall(r"\{(\w+)\}", row.path), "1") | things
    path = row.path
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    body = body_of(row, names, {"project": "p1", "server": things["server_id"]})
    reply = asked(app, row.verb, path, body, user=MINE, version=row.until)
    refusal = orjson.loads(reply.body).get("forbidden", {}) if reply.body else {}
    if refusal.get("message") == f"Policy doesn't allow {row.rule} to be performed.":
        return ""
    return f"{row.verb} {row.path} {row.key or ''}: {reply.status_int} {reply.text[:120]}"
