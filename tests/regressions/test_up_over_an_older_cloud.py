"""A cloud of an earlier release did not start again: its own database was told to be migrated."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from minicloud.compute.drivers.guests import GuestStore
from minicloud.db import schema
from minicloud.db.engine import Database
from tests.functional.clouds import Cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "state")
    yield made
    made.down()


def test_a_cloud_of_an_earlier_schema_comes_up(cloud: Cloud) -> None:
    cloud.state.data.mkdir(parents=True)
    books = Database(f"sqlite:///{cloud.state.data / 'minicloud.sqlite'}")
    schema.sync(books, "0001")
    books.dispose()

    cloud.up()

    books = Database(f"sqlite:///{cloud.state.data / 'minicloud.sqlite'}")
    assert schema.version(books) == schema.HEAD
    books.dispose()


def test_a_guest_of_an_earlier_release_is_still_there(tmp_path: Path) -> None:
    GuestStore(tmp_path / "guests.sqlite").close()
    record = (
        b'{"uuid":"u1","name":"vm","image":null,"vcpus":1,"memory_mb":64,'
        b'"power":1,"booted":3,"boots":2}'
    )
    with sqlite3.connect(tmp_path / "guests.sqlite") as file:
        file.execute("INSERT INTO guests VALUES ('h1', 'u1', ?)", (record,))

    guest = GuestStore(tmp_path / "guests.sqlite").get("h1", "u1")

    assert guest is not None
    assert (guest.boots, guest.marks) == (2, {"booted": 3, "made": 3})
