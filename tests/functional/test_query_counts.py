"""However many servers there are: what a route asks of the database stays the same."""

from pathlib import Path

import pytest

from tools.bench.api import reading
from tools.bench.books import Books


def _queries(root: Path, servers: int) -> dict[str, int]:
    books = Books(root, f"sqlite:///{root / 'books.sqlite'}")
    books.fill(servers)
    found = {}
    for _path, address, version in reading(books):
        books.ask("GET", address, version=version)  # what is looked up once is known from here on
        before = books.queries
        status, _body = books.ask("GET", address, version=version)
        assert status < 500 or status == 501, address
        found[_path + address.partition("?")[2]] = books.queries - before
    books.close()
    return found


def test_no_route_asks_more_of_the_database_where_there_are_more_servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    few = _queries(tmp_path_factory.mktemp("few"), 2)
    many = _queries(tmp_path_factory.mktemp("many"), 40)

    assert many == few
    assert len(few) > 50
    assert max(few.values()) <= 20  # a dry run, which looks twice whether a pause made all silent
