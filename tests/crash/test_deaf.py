"""Over RabbitMQ: who cannot be reached, or does not work, is down, and up again by itself."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from kombu import Connection
from oslo_config import cfg
from oslo_messaging import conffixture

from minicloud import errors
from minicloud.compute.drivers.fake import FakeDriver
from minicloud.conductor.sweep import Sweeper
from minicloud.context import for_service
from minicloud.rpc import pulse
from minicloud.rpc.broker import BrokerLine
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.line import Line
from minicloud.runtime.servers.rabbitmq import RabbitMQ
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR, SCHEDULER
from tests.functional.boot_cloud import HOSTS, BootCloud, boot_cloud
from tests.servers import Servers
from tests.waiting import until

_THREADS = 2  # of an RPC server


@pytest.fixture(scope="module")
def vhost_url(servers: Servers) -> Iterator[str]:
    rabbitmq = servers.get("rabbitmq")
    assert isinstance(rabbitmq, RabbitMQ)
    yield rabbitmq.add_vhost("deaf")
    rabbitmq.control("delete_vhost", "deaf")


@pytest.fixture(scope="module")
def _cloud(vhost_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BootCloud]:
    """It looks twice a second, and three seconds of silence are down."""
    lines: list[BrokerLine] = []

    def line(conf: cfg.ConfigOpts) -> Line:
        conf.set_override("threads", _THREADS, "rpc")
        fixtures.enter_context(conffixture.ConfFixture(conf, transport_url=vhost_url))
        lines.append(BrokerLine(conf))
        return lines[0]

    with ExitStack() as fixtures, boot_cloud(tmp_path_factory.mktemp("deaf"), line) as made:
        yield made
    lines[0].close()


@pytest.fixture
def cloud(_cloud: BootCloud) -> BootCloud:
    """All are up when a test begins."""
    for group, members in (
        (COMPUTE, set(HOSTS)),
        (CONDUCTOR, {"control"}),
        (SCHEDULER, {"control"}),
    ):
        until(lambda group=group, members=members: _up(_cloud, group) == members)  # type: ignore[misc]
    return _cloud


@pytest.fixture
def serve_anew(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Who is deaf does not serve anew before this is called."""
    monkeypatch.setattr(pulse, "_MISSED", 1_000_000)
    return monkeypatch.undo


@contextmanager
def going_on(work: Callable[[], object]) -> Iterator[None]:
    """Again and again while the body runs."""
    stopping = threading.Event()

    def repeat() -> None:
        while not stopping.wait(0.05):
            work()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(60)


def unbind(url: str, queue: str) -> None:
    """The queue gets nothing any more, as after the broker has lost a binding."""
    with Connection(url.replace("rabbit://", "amqp://")) as connection:
        connection.channel().queue_unbind(queue, exchange="minicloud", routing_key=queue)


def _up(cloud: BootCloud, group: str) -> set[str]:
    return cloud.group.get_all(group)


def test_a_deaf_agent_is_down_and_gets_no_servers_until_it_serves_anew(
    cloud: BootCloud,
    vhost_url: str,
    serve_anew: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "minicloud")
    unbind(vhost_url, "compute.agent")
    until(lambda: not _up(cloud, COMPUTE))
    uuid = cloud.create()
    until(lambda: f"no valid host for {uuid}" in caplog.text)
    placed, others = cloud.show(uuid).row.host, _up(cloud, CONDUCTOR)

    serve_anew()
    until(lambda: _up(cloud, COMPUTE) == set(HOSTS))
    cloud.wait(cloud.create(), "active")

    assert placed is None
    assert others == {"control"}
    assert "it serves anew" in caplog.text


def test_an_agent_whose_queue_is_deleted_goes_on(cloud: BootCloud, vhost_url: str) -> None:
    """oslo.messaging hears of that, and makes it again."""
    with Connection(vhost_url.replace("rabbit://", "amqp://")) as connection:
        connection.channel().queue_delete("compute.agent")

    cloud.wait(cloud.create(), "active")

    until(lambda: _up(cloud, COMPUTE) == set(HOSTS))


def test_an_agent_with_all_its_threads_stuck_is_down_and_back_when_they_go_on(
    cloud: BootCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def stuck(*_args: Any) -> str:
        assert goes_on.wait(90)
        return ""

    monkeypatch.setattr(FakeDriver, "console", stuck)
    ask = ComputeClient(cloud.line, timeout_s=0.1).console_output

    def keep_busy() -> None:
        with pytest.raises(errors.CallTimeout):
            ask(for_service("test"), "agent", HOSTS[0], "some", None)

    try:
        with going_on(keep_busy):
            until(lambda: not _up(cloud, COMPUTE))
    finally:
        goes_on.set()

    until(lambda: _up(cloud, COMPUTE) == set(HOSTS))


def test_an_agent_whose_loop_is_stuck_is_down_though_it_is_reached(
    cloud: BootCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, listed = threading.Event(), FakeDriver.list

    def stuck(driver: FakeDriver, host: str) -> Any:
        assert goes_on.wait(90)
        return listed(driver, host)

    monkeypatch.setattr(FakeDriver, "list", stuck)
    try:
        until(lambda: not _up(cloud, COMPUTE))
        answer = ComputeClient(cloud.line).console_output
        with pytest.raises(errors.ConsoleLogNotFound):
            answer(for_service("test"), "agent", HOSTS[0], "none", None)
    finally:
        goes_on.set()

    until(lambda: _up(cloud, COMPUTE) == set(HOSTS))


def test_a_conductor_whose_loop_is_stuck_is_down_and_what_it_hears_of_hosts_counts(
    cloud: BootCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, due = threading.Event(), Sweeper.due

    def stuck(sweeper: Sweeper) -> Any:
        assert goes_on.wait(90)
        return due(sweeper)

    monkeypatch.setattr(Sweeper, "due", stuck)
    try:
        until(lambda: not _up(cloud, CONDUCTOR))
        hosts = _up(cloud, COMPUTE)
    finally:
        goes_on.set()

    assert hosts == set(HOSTS)
    until(lambda: _up(cloud, CONDUCTOR) == {"control"})


@pytest.mark.parametrize(("topic", "group"), [("conductor", CONDUCTOR), ("scheduler", SCHEDULER)])
def test_who_is_deaf_is_down_until_it_serves_anew(
    cloud: BootCloud, vhost_url: str, serve_anew: Callable[[], None], topic: str, group: str
) -> None:
    unbind(vhost_url, f"{topic}.control")
    until(lambda: not _up(cloud, group))

    serve_anew()

    until(lambda: _up(cloud, group) == {"control"})
