"""`database` runs a test on SQLite, MariaDB and PostgreSQL; `server_database` on the servers."""

from collections.abc import Iterator

import pytest

from minicloud.db.engine import Database
from tests.contract.databases import KINDS, REAL, Databases, connect
from tests.servers import Servers


@pytest.fixture(scope="package")
def databases(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(servers, tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases.empty(request.param, connect)


@pytest.fixture(params=REAL)
def server_database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases.empty(request.param, connect)


@pytest.fixture(params=KINDS)
def bare_database(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Database]:
    """A database without any table."""
    made = connect(databases.url(request.param))
    yield made
    made.dispose()
