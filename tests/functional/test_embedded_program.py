"""The cloud in one process over stops, crashes and starts: what it had is still there.

tests/functional/test_up.py has the commands themselves.
"""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from minicloud.db.engine import Database
from minicloud.runtime import ports
from tests.crash import rest
from tests.crash.client import Client
from tests.crash.deployment import until
from tests.crash.traffic import Traffic, check_kept
from tests.functional.clouds import PASSWORD, Cloud

UNLIMITED = ("--set", "quota.instances=-1", "--set", "quota.cores=-1", "--set", "quota.ram=-1")


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "state")
    yield made
    made.down()


def test_servers_survive_down_and_up(cloud: Cloud) -> None:
    cloud.up()
    client = Client(cloud.url, PASSWORD).log_in()
    traffic = Traffic(client)
    traffic.create()
    stopped = traffic.create()
    _wait_for_rest(cloud)
    assert stopped
    traffic.act("os-stop", stopped)
    _wait_for_rest(cloud)
    before = rest.guests(cloud.state.data / "guests")

    cloud.down()
    cloud.up()

    assert [client.status(uuid) for uuid in traffic.accepted] == ["ACTIVE", "SHUTOFF"]
    assert rest.guests(cloud.state.data / "guests") == before
    _wait_for_rest(cloud)


def test_killed_amid_boots_it_comes_to_rest_after_the_next_up(cloud: Cloud) -> None:
    cloud.up(*UNLIMITED)
    client = Client(cloud.url, PASSWORD).log_in()
    traffic = Traffic(client)
    traffic.create({"fake:spawn_s": "2"})
    traffic.round([])

    cloud.send("minicloud", signal.SIGKILL)
    until(lambda: cloud.state.run() is None, 10)
    cloud.up(*UNLIMITED)
    _wait_for_rest(cloud)

    check_kept(client, traffic)
    assert client.status(traffic.accepted[0]) == "ACTIVE"


def test_a_port_in_use_is_one_clear_line(cloud: Cloud) -> None:
    with socket.socket() as other:
        other.bind((ports.LOOPBACK, cloud.port))
        other.listen()

        said = cloud.up(wants=1)

    assert f"port {cloud.port} is in use by another program" in said
    assert "Traceback" not in said


def _wait_for_rest(cloud: Cloud) -> None:
    books = Database(f"sqlite:///{cloud.state.data / 'minicloud.sqlite'}", pool_size=1)
    try:
        until(lambda: not _complaints(cloud, books), 30.0, lambda: _complaints(cloud, books))
    finally:
        books.dispose()


def _complaints(cloud: Cloud, books: Database) -> list[str]:
    return rest.complaints(books, cloud.state.data / "guests")
