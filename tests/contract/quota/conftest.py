"""`processes` runs a test over SQLite, MariaDB and PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from minicloud.db import schema
from minicloud.db.engine import Database
from tests.contract.databases import KINDS, connect
from tests.contract.quota.clients import Books, Processes
from tests.functional.server_rows import stock
from tests.servers import Servers

API_PROCESSES = 8


@pytest.fixture(scope="package", params=KINDS)
def database(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('quota') / 'books.sqlite'}"
        else:
            url = stack.enter_context(servers.fresh_database(request.param))
        made = connect(url)
        stack.callback(made.dispose)
        schema.create(made)
        stock(made, visibility="public")
        yield made


@pytest.fixture(scope="package")
def processes(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    url = database.engine.url.render_as_string(hide_password=False)
    made = Processes(url, tmp_path_factory.mktemp("processes"), API_PROCESSES)
    yield made
    made.stop()


@pytest.fixture
def books(database: Database) -> Iterator[Books]:
    made = Books(database)
    yield made
    made.close()
