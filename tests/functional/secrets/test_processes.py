"""No secret is where it does not belong: real programs over RabbitMQ and MariaDB, at DEBUG.

What the broker carries is read from its own trace, the "firehose": every message that is published
to it and every one that it delivers.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import kombu
import sqlalchemy as sa

from minicloud.db.engine import driver_url
from minicloud.runtime.servers.mariadb import MariaDB
from minicloud.runtime.servers.rabbitmq import RabbitMQ
from tests.functional.clouds import Cloud
from tests.functional.secrets import left
from tests.functional.secrets.canaries import MAY, RPC, Canaries, Found, know_hashes, leaks
from tests.functional.secrets.walk import Walk, seen

_QUIET_S = 0.5


class Firehose:
    """Everything that goes over the broker."""

    def __init__(self, broker: RabbitMQ) -> None:
        broker.control("trace_on")
        self.messages: list[bytes] = []
        self._over = threading.Event()
        self._begun = threading.Event()
        self._url = broker.url.replace("rabbit://", "amqp://")
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Firehose":
        self._thread.start()
        assert self._begun.wait(60)
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join(60)

    def _read(self) -> None:
        exchange = kombu.Exchange("amq.rabbitmq.trace", "topic", passive=True)
        queue = kombu.Queue("", exchange, "#", exclusive=True, auto_delete=True)
        with kombu.Connection(self._url) as connection:
            consumer = connection.Consumer(queue, no_ack=True, on_message=self._note)
            with consumer:
                self._begun.set()
                while not self._over.is_set():
                    try:
                        connection.drain_events(timeout=_QUIET_S)
                    except TimeoutError:
                        continue

    def _note(self, message: kombu.Message) -> None:
        body = message.body
        text = body if isinstance(body, bytes) else str(body).encode()
        self.messages.append(text + repr(message.headers).encode())


@contextmanager
def broken(url: str) -> Iterator[None]:
    """The database without one of its tables."""
    engine = sa.create_engine(driver_url(url))
    with engine.begin() as connection:
        connection.execute(sa.text("RENAME TABLE instance_actions TO elsewhere"))
    yield
    with engine.begin() as connection:
        connection.execute(sa.text("RENAME TABLE elsewhere TO instance_actions"))
    engine.dispose()


def everything(directory: Path) -> tuple[Canaries, list[Found]]:
    canaries = Canaries()
    operator = canaries.new("the operator's password")
    cloud = Cloud(directory / "state", {"MINICLOUD_PASSWORD": operator})
    cloud.up("--processes", "--computes", "2", *left.SETTINGS)
    try:
        servers = cloud.state.servers
        database = MariaDB.known_at(servers / MariaDB.name)
        broker = RabbitMQ.known_at(servers / RabbitMQ.name)
        canaries.known("the database's password", database.password)
        canaries.known("the broker's password", broker.password)
        walk = Walk(cloud.url, canaries)
        with Firehose(broker) as firehose:
            walk.people(operator)
            with seen(walk), broken(database.url):
                walk.crash()
        found = [
            *walk.found,
            *left.of_tables(database.url),
            *left.of_commands(cloud),
            *left.of_processes([cloud.run().pid, *(one.pid for one in cloud.run().children)]),
            *(Found(RPC, "over the broker", text) for text in firehose.messages),
        ]
    finally:
        cloud.down()
    found += left.of_files(cloud.state.root)
    know_hashes(canaries, b" ".join(firehose.messages), found)
    return canaries, found


def test_no_secret_is_where_it_does_not_belong(tmp_path: Path) -> None:
    canaries, found = everything(tmp_path)

    assert leaks(canaries, found) == []
    kinds = list(canaries.kinds.values())
    assert set(kinds) == set(MAY)
    assert kinds.count("a hash for a guest") >= 4  # so what is said over the broker was heard
    assert kinds.count("a hash of a user's") >= 4
    assert any(one.place == "a log" and b" DEBUG " in one.text for one in found)
