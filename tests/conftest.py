"""Fixtures for everyone; the order of the directories is the order of trust."""

from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from minicloud.runtime.servers.keystone import Keystone
from minicloud.runtime.servers.rabbitmq import RabbitMQ
from minicloud.runtime.servers.redis import Redis
from tests.driven import Driven, Proofs, watch
from tests.servers import Servers, own

_ORDER = ("unit", "contract", "simulation", "functional", "regressions", "crash")
_SHARED = "deployment: Deployment"  # what tests ask for that share one of real programs
_HERE = Path(__file__).parent

# How long an example takes says something of the machine, and nothing of a promise.
settings.register_profile("minicloud", parent=settings.default, deadline=None)
settings.load_profile("minicloud")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is quick and explains most comes first; of several processes one has long work."""
    items.sort(key=_rank)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (not _shares(item.path), _directory(item) != "crash"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """One process takes the tests that share a deployment, the other the rest, file by file."""
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _SHARED if _shares(_HERE.parent / file) else file


@cache
def _shares(file: Path) -> bool:
    """Whether its tests use the deployment that there is once for a whole session."""
    return file.parent.name == "crash" and _SHARED in file.read_text()


def _rank(item: pytest.Item) -> int:
    directory = _directory(item)
    return _ORDER.index(directory) if directory in _ORDER else len(_ORDER)


def _directory(item: pytest.Item) -> str:
    return item.path.relative_to(_HERE).parts[0] if item.path.is_relative_to(_HERE) else ""


_DRIVEN = Driven()
_PROOFS = Proofs()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-routes", help="write down which test drives which route")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call" and report.passed:
        _PROOFS.note(item.nodeid, _DRIVEN.statuses)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = session.config.getoption("--record-routes")
    if path:
        Path(path).write_text(_PROOFS.text())


@pytest.fixture(scope="session")
def watched() -> Iterator[Driven]:
    """Every request to a compute API in this process."""
    end = watch(_DRIVEN)
    yield _DRIVEN
    end()


@pytest.fixture(autouse=True)
def contracts(watched: Driven) -> Iterator[None]:
    """Handlers answer what their declaration says (minicloud/api/contract.py), in every test."""
    watched.begin()
    yield
    assert not watched.broken, "\n".join(sorted(set(watched.broken)))


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Real servers by name, started when asked for."""
    running = Servers()
    yield running
    running.stop()


@pytest.fixture
def mariadb_url(servers: Servers) -> Iterator[str]:
    """The URL of an empty MariaDB database for this test alone."""
    with servers.fresh_database("mariadb") as url:
        yield url


@pytest.fixture
def postgresql_url(servers: Servers) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for this test alone."""
    with servers.fresh_database("postgresql") as url:
        yield url


@pytest.fixture
def rabbitmq(servers: Servers) -> RabbitMQ:
    """The RabbitMQ of all tests (its default virtual host): use names of your own on it."""
    server = servers.get("rabbitmq")
    assert isinstance(server, RabbitMQ)
    return server


@pytest.fixture(scope="session")
def keystone(servers: Servers) -> Keystone:
    """The Keystone of all tests: use names of your own in it."""
    server = servers.get("keystone")
    assert isinstance(server, Keystone)
    return server


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis for this test alone, which forgets everything when it is started again."""
    with own(Redis, tmp_path) as server:
        yield server


@pytest.fixture
def rabbitmq_vhost_url(rabbitmq: RabbitMQ, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a virtual host for this test alone; making it takes a few seconds."""
    name = f"test-{abs(hash(request.node.nodeid)):x}"
    yield rabbitmq.add_vhost(name)
    rabbitmq.control("delete_vhost", name)
