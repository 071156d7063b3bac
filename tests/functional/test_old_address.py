"""Actions on servers at both of their addresses: /servers, and /os-volumes_boot up to 2.102."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.image.bootstrap import CIRROS_ID
from tools.bench.books import Books

_ACTIONS: Final = [
    row for row in ALL if row.key is not None and row.path.endswith("{server_id}/action")
]
_FORESEEN: Final = (200, 202, 204, 400, 404, 409, 410, 501)
_BODIES: Final[dict[str, Any]] = {
    "os-getConsoleOutput": {},
    "changePassword": {"adminPass": "secret"},
    "createBackup": {"name": "b", "backup_type": "daily", "rotation": 1},
    "createImage": {"name": "i"},
    "os-getSPICEConsole": {"type": "spice-html5"},
    "os-getSerialConsole": {"type": "serial"},
    "os-getVNCConsole": {"type": "novnc"},
    "os-resetState": {"state": "error"},
    "reboot": {"type": "HARD"},
    "rebuild": {"imageRef": CIRROS_ID},
    "resize": {"flavorRef": "2"},
}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    root = tmp_path_factory.mktemp("books")
    books = Books(root, f"sqlite:///{root / 'books.sqlite'}")
    books.fill(len(_ACTIONS) + 2)
    yield books
    books.close()


@pytest.mark.parametrize("row", _ACTIONS, ids=lambda row: f"{row.path} {row.key} {row.since}")
def test_each_action_is_known_at_its_address(books: Books, row: Row) -> None:
    path = row.path.replace("{server_id}", books.next_server())
    body = {str(row.key): _BODIES.get(str(row.key))}

    status, text = books.ask("POST", path, body, version=max(row.since, min(row.until, 100)))

    away = row.key == "os-getConsoleOutput"  # no compute host runs here
    assert status == 503 if away else status in _FORESEEN, text
    assert b"There is no such action" not in text
    assert b"The resource could not be found" not in text
