"""Another project's server is, whatever is asked of it, as one that is not there."""

from pathlib import Path
from typing import Any, Final

import pytest

from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.db.engine import Database
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import post, read, run, stock

__all__ = ["database"]

_MISSING: Final = "99999999-0000-4000-8000-000000000009"
_BODIES: Final[dict[str, Any]] = {
    "reboot": {"type": "HARD"},
    "resize": {"flavorRef": "1"},
    "rebuild": {"imageRef": _MISSING},
    "changePassword": {"adminPass": "secret"},
    "createImage": {"name": "stolen"},
    "createBackup": {"name": "stolen", "backup_type": "daily", "rotation": 1},
    "os-getVNCConsole": {"type": "novnc"},
    "os-getSPICEConsole": {"type": "spice-html5"},
    "os-getSerialConsole": {"type": "serial"},
    "os-getConsoleOutput": {},
    "addSecurityGroup": {"name": "g"},
    "removeSecurityGroup": {"name": "g"},
    "addFixedIp": {"networkId": _MISSING},
    "removeFixedIp": {"address": "10.0.0.9"},
    "addFloatingIp": {"address": "10.0.0.9"},
    "removeFloatingIp": {"address": "10.0.0.9"},
}
_OF_ITEMS: Final[dict[str, Any]] = {
    "PUT /servers/{server_id}": {"server": {"name": "mine"}},
    "POST /servers/{server_id}/metadata": {"metadata": {"k": "v"}},
    "PUT /servers/{server_id}/metadata": {"metadata": {"k": "v"}},
    "PUT /servers/{server_id}/metadata/{key}": {"meta": {"x": "v"}},
    "PUT /servers/{server_id}/tags": {"tags": ["t"]},
    "PUT /servers/{server_id}/tags/{tag}": None,
    "POST /servers/{server_id}/remote-consoles": {
        "remote_console": {"protocol": "vnc", "type": "novnc"}
    },
}
_ROWS: Final = [row for row in ALL if row.path.startswith("/servers/{server_id}")]


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    stock(database)
    return application(database, tmp_path)


def _answer(app: Any, row: Row, ref: str, version: int) -> tuple[int, bytes]:
    path = row.path.replace("{server_id}", ref)
    while "{" in path:
        path = path[: path.index("{")] + "x" + path[path.index("}") + 1 :]
    body: Any = {} if row.verb in ("POST", "PUT") else None
    body = _OF_ITEMS.get(f"{row.verb} {row.path}", body)
    if row.key is not None:
        body = {row.key: _BODIES.get(row.key)}
    reply = asked(app, row.verb, path, body, user="mallory:p2", version=version)
    return reply.status_int, reply.body.replace(ref.encode(), b"")


def test_a_server_of_another_project_is_as_one_that_is_not_there(
    app: Any, database: Database
) -> None:
    _status, ref = post(app)
    run(database, ref, meta={"x": "v"})
    before = read(database, ref).generation
    statuses = []

    for row in _ROWS:
        for version in {row.since, min(row.until, 104)}:
            foreign = _answer(app, row, ref, version)
            assert foreign == _answer(app, row, _MISSING, version), (row, version)
            statuses.append(foreign[0])

    assert not {200, 201, 202, 204, 207, 409, 500} & set(statuses)
    assert statuses.count(404) > len(statuses) / 2
    assert (read(database, ref).generation, read(database, ref).meta) == (before, {"x": "v"})
