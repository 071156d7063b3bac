"""A cloud of tests/functional/whole.py behind the HTTP server, and what its log would hold."""

import io
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from oslo_config import cfg
from oslo_log.formatters import ContextFormatter

from minicloud.cmd.allowance import Allowance
from minicloud.runtime import log
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.http import HttpServer, listen
from tests.functional.whole import Whole

PATIENCE_S = 60.0


@contextmanager
def serving(cloud: Whole, threads: int = 8) -> Iterator[tuple[str, int]]:
    """Its address."""
    listening, stopping = listen("127.0.0.1", 0), threading.Event()
    allowed = Allowance(cloud.conf, cloud.authenticator, cloud.clock)
    server = HttpServer(cloud.app, listening, threads, SystemClock(), allowed)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # as the programs have it
    thread = threading.Thread(target=server.serve, args=(0.5, stopping))
    thread.start()
    try:
        yield server.address
    finally:
        stopping.set()
        thread.join(PATIENCE_S)


def sent(address: tuple[str, int], text: bytes) -> bytes:
    """What the server says to these bytes until it hangs up or has nothing more to say."""
    with socket.create_connection(address, timeout=PATIENCE_S) as connection:
        try:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        except OSError:  # it hung up in the middle
            return b""
    return answer


@contextmanager
def logged(level: int = logging.INFO) -> Iterator[io.StringIO]:
    """The lines that the programs would write meanwhile, with the levels of their libraries."""
    conf = cfg.ConfigOpts()
    log.register_opts(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(ContextFormatter(config=conf))
    wished = dict(pair.split("=") for pair in conf.default_log_levels)
    before = {name: logging.getLogger(name).level for name in ("", *wished)}
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    for name, word in wished.items():
        logging.getLogger(name).setLevel(word)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        for name, was in before.items():
            logging.getLogger(name).setLevel(was)
