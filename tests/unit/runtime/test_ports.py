"""Ports for servers of our own."""

import socket
from pathlib import Path

from minicloud.runtime import ports


def test_no_free_port_is_given_twice() -> None:
    given = [ports.free_port() for _ in range(200)]

    assert len(set(given)) == 200


def test_no_outgoing_connection_can_take_a_free_port_first() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert all(ports.free_port() < first for _ in range(200))


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()

        assert not ports.is_free(server.getsockname()[1])
