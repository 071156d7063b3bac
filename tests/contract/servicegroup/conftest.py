"""`join` makes a member of the group, one run per driver; `drivers` are several of its clients."""

from collections.abc import Callable, Iterator

import pytest

from minicloud.db.engine import Database
from minicloud.servicegroup.base import SCHEDULER
from minicloud.servicegroup.drivers.db import DbDriver
from tests.contract.databases import KINDS, Databases
from tests.contract.servicegroup.stage import Stage, wanted_of
from tests.hand_clock import HandClock
from tests.options import defaults
from tests.servers import Servers

REPORT_S, DOWN_S = 5.0, 20.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="package")
def databases(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(servers, tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def books(
    request: pytest.FixtureRequest, databases: Databases, clock: HandClock
) -> Iterator[Database]:
    """A database whose server's time stands still but for the hand clock."""
    url = databases.empty(request.param, Database).engine.url
    database = Database(url.render_as_string(hide_password=False), clock)
    yield database
    database.dispose()


Driver = Callable[[], DbDriver]
Passing = Callable[[float], None]


@pytest.fixture
def driver(books: Database) -> Driver:
    """Each call is the service group as another program sees it."""
    conf = defaults()
    conf.set_override("report_interval_s", REPORT_S, "servicegroup")
    conf.set_override("service_down_time_s", DOWN_S, "servicegroup")
    return lambda: DbDriver(conf, books)


@pytest.fixture(scope="module")
def stage(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """All promises of the module that are to be shown, under way."""
    wanted = wanted_of(request.session.items, request.module)
    made = Stage(wanted, servers, tmp_path_factory.mktemp("stage"))
    yield made
    made.close()


@pytest.fixture
def time_passes(driver: Driver, clock: HandClock) -> Passing:
    """So many seconds, in which some program goes on writing that it lives."""
    witness = driver()

    def passes(seconds: float) -> None:
        while seconds > 0:
            witness.join("witness", SCHEDULER)
            clock.sleep(min(seconds, REPORT_S))
            seconds -= REPORT_S
        witness.beat()

    return passes
