"""What every private server promises, whatever its program."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import kombu
import psutil
import pymysql
import pytest
import requests
from psycopg import connect as connect_postgresql
from redis import Redis

from minicloud.errors import CannotStart
from minicloud.runtime.ports import is_free
from minicloud.runtime.servers.base import Server
from minicloud.runtime.servers.keystone import Keystone
from minicloud.runtime.servers.mariadb import MariaDB
from minicloud.runtime.servers.postgresql import PostgreSQL
from minicloud.runtime.servers.rabbitmq import RabbitMQ
from minicloud.runtime.servers.redis import Redis as RedisServer
from tests.servers import KINDS, Servers, absent, left_in

_KEEP_NOTHING = ("memcached",)


@dataclass(frozen=True)
class Lives:
    """The three lives of one server: it was stopped, then left behind as by a crash, then runs."""

    first: Server
    left_by_first: Sequence[int]
    free_after_first: bool
    second: Server
    kept: bool
    pids: Sequence[int]
    last: Server


@pytest.fixture(scope="module", params=sorted(KINDS))
def lives(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lives]:
    """Each is the same server again, as after a restart of the program that holds it."""
    directory = tmp_path_factory.mktemp("a space") / "in the path of" / request.param
    first, second, last = made = [KINDS[request.param](directory) for _ in range(3)]
    try:
        first.check()
    except CannotStart as error:
        absent(str(error))
    try:
        yield _lived(first, second, last)
    finally:
        for server in reversed(made):  # one without its directory can be slow to end
            server.discard()


def _lived(first: Server, second: Server, last: Server) -> Lives:
    keeps = first.name not in _KEEP_NOTHING
    first.start()
    if keeps:
        write(first)
    first.stop()
    free = all(is_free(port) for port in first.ports.values())
    left = left_in(first.directory)
    second.start()
    kept = keeps and read(second)
    last.start()
    assert second.life is not None
    assert last.life is not None
    return Lives(first, left, free, second, kept, (second.life.pid, last.life.pid), last)


def test_it_starts_and_answers(lives: Lives) -> None:
    assert lives.last.running
    assert lives.last.answers()


def test_it_stops_and_leaves_no_process_behind(lives: Lives) -> None:
    assert not lives.first.running
    assert lives.free_after_first
    assert lives.left_by_first == []


def test_it_has_the_same_address_and_password_after_stop_and_start(lives: Lives) -> None:
    assert lives.second.url == lives.first.url


def test_it_keeps_its_data_over_stop_and_start(lives: Lives) -> None:
    if lives.first.name in _KEEP_NOTHING:
        pytest.skip("a cache: it promises to keep nothing")

    assert lives.kept


def test_one_left_behind_by_a_crash_is_ended_before_the_next_start(lives: Lives) -> None:
    left, new = lives.pids

    assert lives.second.life is not None
    assert lives.second.life.over
    assert new != left
    assert lives.last.answers()


def test_another_program_can_ask_for_its_address_without_disturbing_it(lives: Lives) -> None:
    seen = type(lives.last).known_at(lives.last.directory)

    assert seen.url == lives.last.url
    assert lives.last.running


def test_it_listens_on_the_loopback_only(lives: Lives) -> None:
    assert lives.last.life is not None
    listening = listening_addresses(lives.last.life.pid)
    # ZooKeeper and Redis may write an IPv4 address in its IPv6 form.
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_its_operator_can_talk_to_a_broker_that_another_program_runs(rabbitmq: RabbitMQ) -> None:
    seen = RabbitMQ.known_at(rabbitmq.directory)

    assert "minicloud" in seen.control("list_users")


def test_a_mariadb_that_starts_leaves_the_temporary_tables_of_others_alone(
    servers: Servers, tmp_path: Path
) -> None:
    running = servers.get(MariaDB.name)
    assert isinstance(running, MariaDB)
    with mariadb(running) as link, link.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE mine (n INTEGER) ENGINE=Aria")
        other = MariaDB(tmp_path / "other", throwaway=True)
        try:
            other.start()
        finally:
            other.discard()

        cursor.execute("FLUSH TABLES")
        cursor.execute("ALTER TABLE mine ADD COLUMN m INTEGER")
        cursor.execute("DROP TEMPORARY TABLE mine")


def test_a_keystone_keeps_its_data_and_its_secrets_to_itself(tmp_path: Path) -> None:
    """All that servers promise, in one test: each start of this one takes more than a second."""
    first = Keystone(tmp_path / "a space" / "keystone", throwaway=True)
    try:
        first.start()
        assert first.life is not None
        assert listening_addresses(first.life.pid) == ["127.0.0.1"]
        assert first.password not in " ".join(psutil.Process(first.life.pid).cmdline())
        assert first.directory.stat().st_mode & 0o077 == 0
        for file in (file for file in first.directory.rglob("*") if file.is_file()):
            for_others = file.stat().st_mode & 0o077
            assert not (for_others and first.password.encode() in file.read_bytes()), file
        token = log_in(first)

        again = Keystone(first.directory, throwaway=True)
        again.start()

        assert first.life.over
        assert (again.url, again.password) == (first.url, first.password)
        headers = {"X-Auth-Token": token, "X-Subject-Token": log_in(again)}
        assert requests.get(f"{again.url}/auth/tokens", headers=headers, timeout=60).ok
        again.stop()
        assert left_in(first.directory) == []
    finally:
        first.discard()


def test_a_start_that_fails_shows_the_end_of_the_log(tmp_path: Path) -> None:
    server = Failing(tmp_path)

    with pytest.raises(CannotStart, match="no such luck"):
        server.start()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_missing_is_told_before_anything_is_made(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = KINDS[kind](tmp_path / "server")
    monkeypatch.setattr(shutil, "which", lambda *_args, **_named: None)

    with pytest.raises(CannotStart, match="apt-get install"):
        server.check()

    assert not server.directory.exists()


def test_a_missing_program_names_the_package(tmp_path: Path) -> None:
    server = Missing(tmp_path)

    with pytest.raises(CannotStart, match=r"apt-get install missing-server"):
        server.start()


class Failing(Server):
    name = "failing"

    url = "nowhere"

    def command(self) -> list[str]:
        return ["sh", "-c", "echo no such luck >&2; exit 3"]


class Missing(Server):
    name, package = "missing", "missing-server"

    url = "nowhere"

    def command(self) -> list[str]:
        return [self.program("a-program-that-nobody-has")]


def listening_addresses(pid: int) -> list[str]:
    found = []
    parent = psutil.Process(pid)
    for process in [parent, *parent.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # PostgreSQL's workers come and go
            links = process.net_connections("tcp")
            found += [link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN]
    return found


def write(server: Server) -> None:
    if isinstance(server, MariaDB):
        with mariadb(server) as link, link.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (n INTEGER)")
    elif isinstance(server, PostgreSQL):
        with connect_postgresql(server.url) as session:
            session.execute("CREATE TABLE kept (n INTEGER)")
    elif isinstance(server, RabbitMQ):
        with kombu.Connection(f"amqp{server.url.removeprefix('rabbit')}") as broker:
            queue = broker.SimpleQueue("kept", queue_opts={"durable": True})
            queue.put("a message")
            queue.close()
    elif isinstance(server, RedisServer):
        assert Redis.from_url(server.url).set("kept", "yes")
    else:
        assert (server.directory / "data").is_dir()


def read(server: Server) -> bool:
    if isinstance(server, MariaDB):
        with mariadb(server) as link, link.cursor() as cursor:
            return cursor.execute("SELECT * FROM kept") == 0
    if isinstance(server, PostgreSQL):
        with connect_postgresql(server.url) as session:
            return session.execute("SELECT * FROM kept").fetchall() == []
    if isinstance(server, RabbitMQ):
        with kombu.Connection(f"amqp{server.url.removeprefix('rabbit')}") as broker:
            queue = broker.SimpleQueue("kept", queue_opts={"durable": True})
            return bool(queue.get(timeout=5).payload == "a message")
    if isinstance(server, RedisServer):
        return Redis.from_url(server.url).get("kept") == b"yes"
    return (server.directory / "data").is_dir()


def log_in(server: Server) -> str:
    domain = {"id": "default"}
    user = {"name": "admin", "domain": domain, "password": server.password}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"project": {"name": "admin", "domain": domain}}
    body = {"auth": {"identity": identity, "scope": scope}}
    answer = requests.post(f"{server.url}/auth/tokens", json=body, timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.headers["X-Subject-Token"]


def mariadb(server: MariaDB) -> "closing[pymysql.Connection[pymysql.cursors.Cursor]]":
    return closing(
        pymysql.connect(
            host="127.0.0.1",
            port=server.port,
            user="minicloud",
            password=server.password,
            database="minicloud",
        )
    )
