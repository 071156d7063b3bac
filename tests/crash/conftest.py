"""One deployment of real programs for all tests that leave it whole; it takes 10 s to start.

`books` runs a test on each of the real databases, emptied for it.
"""

from collections.abc import Iterator

import pytest

from minicloud.db.engine import Database
from tests.contract.databases import REAL, Databases, connect
from tests.crash.deployment import FREE, QUICK, TWO_OF_EACH, Deployment
from tests.servers import Servers

_KEPT = {"DEFAULT.shelved_offload_time": "-1"}  # what is shelved rests until it is asked for


@pytest.fixture(scope="session")
def _deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    made = Deployment(tmp_path_factory.mktemp("crash"))
    made.start(*TWO_OF_EACH, "--schedulers", "2", options={**FREE, **QUICK, **_KEPT})
    yield made
    made.stop()


@pytest.fixture
def deployment(_deployment: Deployment) -> Iterator[Deployment]:
    """Everything runs and is at rest when a test begins, and must be again when it ends."""
    _deployment.wait_restarted()
    _deployment.wait_for_rest()
    yield _deployment
    _deployment.disarm()
    _deployment.wait_restarted()
    _deployment.wait_for_rest()


@pytest.fixture(scope="session")
def databases(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(servers, tmp_path_factory.mktemp("raced"))
    yield made
    made.close()


@pytest.fixture(params=REAL)
def books(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases.empty(request.param, connect)
