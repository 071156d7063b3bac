"""Servers are made while agents die and hang and the store of their service group goes away.

One short storm over each driver; two clouds at a time, as each of them mostly waits.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from minicloud.runtime.servers.rabbitmq import RabbitMQ
from tests.crash.deployment import Deployment
from tests.crash.storm import OPTIONS, STORES, Report, Storm
from tests.servers import Servers

SECONDS, SEED = 10.0, 1
SIZES = {  # agents with one host each, which are members themselves, and with several
    "db": ("--computes", "4"),
    "zk": ("--computes", "4"),
    "mc": ("--computes", "3", "--hosts", "2"),
    "redis": ("--computes", "4"),
    "etcd": ("--computes", "3", "--hosts", "2"),
}


@pytest.fixture(scope="module")
def storms(
    request: pytest.FixtureRequest,
    servers: Servers,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, "Future[Report]"]]:
    """What a storm over each driver has left."""
    broker = servers.get("rabbitmq")
    assert isinstance(broker, RabbitMQ)
    servers.get("mariadb")
    wanted = {
        str(item.callspec.params["driver"]): tmp_path_factory.mktemp("storm")
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path
    }
    with ThreadPoolExecutor(2) as pool:
        yield {
            driver: pool.submit(_weathered, driver, root, broker, servers)
            for driver, root in wanted.items()
        }


@pytest.fixture(params=sorted(STORES))
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def storm(driver: str, storms: Mapping[str, "Future[Report]"]) -> Report:
    report = storms[driver].result()
    print(report)
    return report


def _weathered(driver: str, root: Path, broker: RabbitMQ, servers: Servers) -> Report:
    """With a broker and a database that serve others too it starts sooner; but where members are
    kept in the database, that has to be its own, as it goes away."""
    with ExitStack() as stack:
        words = [*SIZES[driver], "--broker", broker.add_vhost(f"storm-{driver}")]
        if driver != "db":
            words += ["--database", stack.enter_context(servers.fresh_database("mariadb"))]
        deployment = Deployment(root)
        stack.callback(deployment.cloud.down)
        deployment.start("--servicegroup", driver, *words, options=OPTIONS)
        stack.callback(deployment.books.dispose)
        return Storm(deployment, STORES[driver], SEED, SECONDS).blow()


def test_no_server_is_lost_or_waits_for_the_dead(storm: Report) -> None:
    assert storm.counts["servers"] > 0
    assert storm.refused == []
    assert storm.stuck == []
    assert storm.misremembered == []


def test_who_was_called_down_is_given_nothing(storm: Report) -> None:
    assert storm.counts["times down"] > 0
    assert storm.given_to_the_dead == []


def test_who_is_forced_down_is_given_nothing_from_then_on(storm: Report) -> None:
    assert storm.given_to_forced_down == []


def test_when_the_storm_is_over_all_are_up_and_each_guest_is_on_one_host(storm: Report) -> None:
    assert storm.not_up_again == []
    assert storm.unrest == []
