"""Every row of the table of routes, with whatever can stand in the place of a name."""

import re
from typing import Any, Final
from urllib.parse import quote

import pytest

from minicloud.api.routes import ALL
from minicloud.api.routes_elsewhere import ELSEWHERE
from minicloud.api.row import Row
from minicloud.db import flavors, images
from minicloud.db.engine import Database
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]

STRANGE: Final = (
    *("%20", "a%20b", "..", ".", "%2e%2e", "..%2f..%2fetc", "a%2fb", "%00", "%0a", "%ff%fe"),
    *("%c3%a9", "%F0%9F%92%A9", "%E2%80%AE", "'%20OR%201=1--", "%22", "%3Cb%3E", "-1", "0"),
    *("None", "null", "true", "1e9", "99999999999999999999", "x" * 255, "x" * 9000),
    *("%25s", "{0}", "%24where", ";", "*", "a,b", "in:a", f"{IMAGE}%20", "%25"),
)
_VARIABLE: Final = re.compile(r"\{[^}]*\}")
PLACES: Final = sorted(
    {(row.verb, row.path) for row in ALL if "{" in row.path and row.key is None}
    | {(row.verb, row.path) for row in ALL if row.key is not None}
)


@pytest.fixture
def server(call: Call, database: Database) -> str:
    now = database.now()
    database.write(lambda db: flavors.add_devstack(db, now))
    database.write(lambda db: images.insert(db, image(now)))
    wanted = {"name": "a", "flavorRef": "42", "imageRef": IMAGE}
    status, body = call("POST", "/servers", {"server": wanted})
    assert status == 202, body
    return str(body["server"]["id"])


@pytest.mark.parametrize(("verb", "path"), PLACES, ids=" ".join)
def test_any_name_anywhere_is_answered_in_json(
    call: Call, server: str, verb: str, path: str
) -> None:
    rows = [row for row in ALL if (row.verb, row.path) == (verb, path)]
    for number in range(len(_VARIABLE.findall(path))):
        for strange in STRANGE:
            address = _filled(path, number, strange, server)
            for version in {rows[0].since, min(row.until for row in rows)}:
                _answered(call, verb, address, rows, version)


@pytest.mark.parametrize(
    "row",
    [row for row in ELSEWHERE if row.verb == "GET" and "{" in row.path],
    ids=lambda row: row.path,
)
def test_what_is_elsewhere_is_not_found_by_any_name(call: Call, server: str, row: Row) -> None:
    wanted = 410 if row.method == "gone" else 404
    for strange in STRANGE:
        if row.path.endswith(("metadata", "shares", "topology")):
            address = _filled(row.path, 0, strange, server)
        else:
            address = _filled(row.path, row.path.count("{") - 1, strange, server)

        status, body = call("GET", address, version=row.since)

        assert status in (wanted, 404, 405), (address, body)
        assert len(str(body)) < 1000


@pytest.mark.parametrize("path", sorted({row.path for row in ALL}))
def test_a_verb_that_a_path_does_not_know_is_a_json_fault(call: Call, path: str) -> None:
    for verb in ("PATCH", "BREW", "OPTIONS", "TRACE"):
        status, body = call(verb, _filled(path, 0, "x", "x"), {})

        assert (status, list(body)) == (405, ["badMethod"])


@pytest.mark.parametrize(
    "path", ["/nowhere", "/os-networks/a/b", "/images/a/b/c", "/servers/a/shares/b/c"]
)
def test_an_unknown_path_is_a_json_fault(call: Call, path: str) -> None:
    for verb in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        status, body = call(verb, path, {})

        assert (status, list(body)) == (404, ["itemNotFound"])


def _filled(path: str, number: int, strange: str, server: str) -> str:
    """The path with the strange name in one place, and plausible ones in the others."""
    names = iter(range(99))

    def one(found: "re.Match[str]") -> str:
        if next(names) == number:
            return strange
        return server if "server" in found[0] else IMAGE if "image" in found[0] else "1"

    return _VARIABLE.sub(one, path)


def _answered(call: Call, verb: str, address: str, rows: list[Row], version: int) -> None:
    bodies: list[Any] = [{row.key: None} for row in rows if row.key] or [{}]
    for body in bodies[:3]:
        status, answer = call(verb, address, body, version=version)

        said = f"{verb} {quote(address[:300])} at 2.{version}: {status} {str(answer)[:300]}"
        assert status < 500 or status == 501, said
        if status >= 400:
            ((_kind, fault),) = answer.items()
            assert fault["code"] == status, said
            assert len(str(answer)) < 3000, said
