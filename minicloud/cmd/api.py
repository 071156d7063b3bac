"""minicloud-api: the public HTTP interfaces: compute, and small identity and image services."""

import socket
import sys

from oslo_config import cfg

from minicloud.api import app
from minicloud.auth.choice import authenticator
from minicloud.cmd import limited, parts, program
from minicloud.cmd.allowance import Allowance, awaiting
from minicloud.errors import CannotStart
from minicloud.runtime import memory
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.http import HttpServer, listen
from minicloud.runtime.service import tell_ready
from minicloud.runtime.stopping import stop_event
from minicloud.zones.base import ZoneHolder


def serve(conf: cfg.ConfigOpts) -> None:
    clock = SystemClock()
    running, books, group = parts.over_broker(conf, program.reach_of(conf))
    zone = running.zone(books, group)
    tokens, limiters = authenticator(conf, books), limited.limiters(conf, running, clock)
    application = app.load(conf, books, tokens, ZoneHolder(zone), *limiters)
    allowed = Allowance(conf, tokens, clock, awaiting(books))
    server = HttpServer(application, _socket(conf), conf.api.threads, clock, allowed)
    stopping = stop_event()
    memory.settle()
    tell_ready()
    server.serve(conf.api.drain_s, stopping)
    running.stop()


def _socket(conf: cfg.ConfigOpts) -> socket.socket:
    if conf.api.listen_fd >= 0:
        return socket.socket(fileno=conf.api.listen_fd)
    try:
        return listen(conf.api.listen, conf.api.port)
    except OSError as error:
        raise CannotStart(f"cannot serve on {conf.api.listen}:{conf.api.port}: {error}") from error


def main() -> int:
    return program.run("minicloud-api", serve)


if __name__ == "__main__":
    sys.exit(main())
