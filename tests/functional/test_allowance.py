"""How large a body is taken in before anybody knows who sends it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minicloud.auth.authenticator import ADMITTED, Authenticator
from minicloud.cmd.allowance import Allowance, awaiting
from minicloud.db import images, schema
from minicloud.db.engine import Database
from minicloud.runtime.clock import SystemClock
from tests.functional.image_rows import IMAGE, image
from tests.options import defaults

Allowed = Callable[[str], int]


class Asked:
    """A Keystone that does not answer; it notes that it was asked."""

    def __init__(self, status: str) -> None:
        self.times, self._status = 0, status

    def __call__(self, _environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.times += 1
        start_response(self._status, [])
        return []


@pytest.fixture
def books(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path / 'books.sqlite'}")
    schema.create(made)
    made.write(lambda db: images.insert(db, image(made.now(), status="queued")))
    return made


def allowed(books: Database, keystone: Asked) -> Allowed:
    conf = defaults()
    who = Authenticator({"image": keystone}, "http://keystone")
    allowance = Allowance(conf, who, SystemClock(), awaiting(books))
    return lambda path: allowance("PUT", path, {"X_AUTH_TOKEN": "somebody's"})


@pytest.mark.parametrize("ref", ["22222222-2222-4333-8444-555555555555", "x", "", "%00", "a/b"])
def test_an_upload_to_an_image_that_awaits_none_asks_no_keystone(
    books: Database, ref: str
) -> None:
    keystone = Asked("503 So")

    assert allowed(books, keystone)(f"/image/v2/images/{ref}/file") < 1 << 21
    assert keystone.times == 0


def test_an_image_that_has_its_bytes_awaits_no_more(books: Database) -> None:
    keystone, now = Asked(ADMITTED), books.now()
    books.write(lambda db: images.activate(db, IMAGE, 7, "sum", "hash", now))

    assert allowed(books, keystone)(f"/image/v2/images/{IMAGE}/file") < 1 << 21
    assert keystone.times == 0


def test_a_keystone_that_is_away_is_not_asked_again_at_once(books: Database) -> None:
    keystone = Asked("503 So")
    ask = allowed(books, keystone)

    for _ in range(3):
        assert ask(f"/image/v2/images/{IMAGE}/file") < 1 << 21

    assert keystone.times == 1
