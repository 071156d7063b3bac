"""`deployment`: a database with all tables and, of most kinds, a store that elects."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import Base, Duty, table_of
from tests.contract.databases import Databases, connect
from tests.contract.duties.contender import WORK, Contender
from tests.servers import Servers

STORES = {"zk": "zookeeper", "mc": "memcached", "redis": "redis", "etcd": "etcd"}
BOOKS = ("sqlite", "mariadb", "postgresql")
KINDS = (*BOOKS, *STORES)


@dataclass(frozen=True)
class Deployment:
    kind: str
    database: Database
    store: str | None

    @property
    def url(self) -> str:
        return self.database.engine.url.render_as_string(hide_password=False)


Make = Callable[[str], Deployment]
Join = Callable[..., Contender]


@pytest.fixture(scope="package")
def make(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """The deployment of a kind, with no duties; with a store its books are on MariaDB."""
    databases = Databases(servers, tmp_path_factory.mktemp("databases"))
    made: dict[str, Database] = {}

    def deployment(kind: str) -> Deployment:
        if kind not in made:
            made[kind] = connect(databases.url(kind if kind in BOOKS else "mariadb"))
            Base.metadata.create_all(made[kind].engine, [table_of(Duty)])
            WORK.create(made[kind].engine)
        with made[kind].engine.begin() as connection:
            for table in (table_of(Duty), WORK):
                connection.execute(sa.delete(table))
        store = servers.get(STORES[kind]).url if kind in STORES else None
        return Deployment(kind, made[kind], store)

    yield deployment
    for database in made.values():
        database.dispose()
    databases.close()


@pytest.fixture(params=KINDS)
def deployment(request: pytest.FixtureRequest, make: Make) -> Deployment:
    return make(request.param)


@pytest.fixture
def join() -> Iterator[Join]:
    """Another contender for the duty, with its loops."""
    joined: list[Contender] = []

    def another(deployment: Deployment, name: str, ttl_s: float) -> Contender:
        made = Contender(name, connect(deployment.url), deployment.store, ttl_s)
        joined.append(made.start())
        return made

    yield another
    for contender in joined:
        contender.stop()
        contender.database.dispose()
