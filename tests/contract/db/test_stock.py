"""What runs on hosts, kept by what changed."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.scheduler.contents import Server
from minicloud.scheduler.stock import Stock
from tests.contract.db.rows import NOW, add_instances, instance

_LINUX = {"image": {"properties": {"os_distro": "linux"}}}
_OLD = NOW - timedelta(hours=1)


def _add(database: Database, host: str | None, **changes: Any) -> str:
    (uuid,) = add_instances(database, [instance(host=host, updated_at=_OLD, **changes)])
    return uuid


def _change(database: Database, uuid: str, **values: Any) -> None:
    changed = sa.update(Instance).where(Instance.uuid == uuid).values(**values)
    database.write(lambda db: db.execute(changed))


def _found(stock: Stock) -> dict[str, int]:
    return {host: stock.contents.servers.of(host) for host in ("h1", "h2")}


def _stock(database: Database) -> Stock:
    stock = Stock(is_wanted=True)
    database.read(lambda db: stock.refresh(db, None))
    return stock


def test_at_first_everything_is_read(database: Database) -> None:
    _add(database, "h1", request=_LINUX)
    _add(database, "h1", flavor={"flavorid": "7"})
    _add(database, None)
    _add(database, "h2", deleted=9)

    contents = _stock(database).contents

    assert contents.servers.of("h1") == 2
    assert contents.servers.of("h2") == 0
    assert contents.of_flavor("7").of("h1") == 1
    assert contents.with_property("os_distro", "linux").of("h1") == 1


def test_later_only_what_changed_is_read(database: Database) -> None:
    moves, stays, goes = _add(database, "h1"), _add(database, "h1"), _add(database, "h1")
    stock = _stock(database)

    _change(database, moves, host="h2", updated_at=NOW)
    _change(database, stays, host="h2")  # without a word that it changed
    _change(database, goes, deleted=1, updated_at=NOW)
    database.read(lambda db: stock.refresh(db, NOW))

    assert _found(stock) == {"h1": 1, "h2": 1}


def test_a_host_with_another_number_of_servers_is_read_again(database: Database) -> None:
    missed, gone = _add(database, None), _add(database, "h1")
    _add(database, "h2")
    stock = _stock(database)
    _change(database, missed, host="h1")
    _change(database, gone, deleted=1)
    _add(database, "h1")

    database.read(lambda db: stock.check(db, {"h1": 2, "h2": 1}))

    assert _found(stock) == {"h1": 2, "h2": 1}


def test_a_guess_that_did_not_come_true_is_forgotten(database: Database) -> None:
    stock = _stock(database)
    stock.contents.guess("never", Server("h1", "1", frozenset()))

    database.read(lambda db: stock.check(db, {"h1": 0}))

    assert _found(stock) == {"h1": 0, "h2": 0}


def test_a_server_that_is_deleted_before_it_was_seen_counts_no_more(database: Database) -> None:
    placed, waits = _add(database, None), _add(database, None)
    stock = _stock(database)
    for uuid in (placed, waits):
        stock.contents.guess(uuid, Server("h1", "1", frozenset()))

    _change(database, placed, host="h1", deleted=1, updated_at=NOW)
    _change(database, waits, updated_at=NOW)  # it is not claimed yet
    database.read(lambda db: stock.refresh(db, NOW))

    assert _found(stock) == {"h1": 1, "h2": 0}
    assert [uuid for uuid, _server in stock.contents.each()] == [waits]
