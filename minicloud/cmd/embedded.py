"""The whole cloud in this process: direct calls, SQLite, simulated hosts."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from oslo_config import cfg

from minicloud.api import app
from minicloud.auth.choice import authenticator
from minicloud.cmd import limited, parts, program
from minicloud.cmd.allowance import Allowance, awaiting
from minicloud.cmd.bootstrap import bootstrap
from minicloud.cmd.state import State
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.rpc.direct import DirectLine
from minicloud.runtime import memory
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.http import HttpServer, listen
from minicloud.runtime.service import tell_ready
from minicloud.runtime.steps import Reach
from minicloud.zones.base import ZoneHolder

LOG = logging.getLogger(__name__)


def serve(
    root: Path,
    port: int,
    hosts: int,
    password: str,
    ready: Callable[[str], None],
    stopping: threading.Event,
    image_owner: str = "",
) -> None:
    """Run until `stopping` is set; `ready` is called with the address once it answers."""
    state = State(root)
    conf = cfg.ConfigOpts()
    arguments = ["--config-file", str(state.conf), "--log-file", str(state.embedded_log)]
    program.configure("minicloud", arguments, conf)
    conf.set_default("hosts", [f"node{n + 1}" for n in range(hosts)], "compute")
    conf.set_default("host", "minicloud")
    listening = listen(conf.api.listen, port)
    clock, reach = SystemClock(), program.reach_of(conf)
    books = _books(conf, clock, reach)
    bootstrap(books, conf, password, image_owner)
    group = parts.service_group(conf, books)
    running = parts.Parts(conf, DirectLine(), clock, reach)
    running.on_stop(books.dispose)
    running.on_stop(group.close)
    running.conductor(books, group, conf.host)
    running.scheduler(books, group, conf.host)
    running.compute(conf.host)
    running.beat(group)
    zone, tokens = ZoneHolder(running.zone(books, group)), authenticator(conf, books)
    limiters = limited.limiters(conf, running, clock)
    application = app.load(conf, books, tokens, zone, *limiters)
    allowed = Allowance(conf, tokens, clock, awaiting(books))
    server = HttpServer(application, listening, conf.api.threads, clock, allowed)
    memory.settle()
    tell_ready()
    ready(f"http://{conf.api.listen}:{port}")
    server.serve(conf.api.drain_s, stopping)
    running.stop()


def _books(conf: cfg.ConfigOpts, clock: SystemClock, reach: Reach) -> Database:
    """The SQLite file, made at the first start, and kept at this release's schema.

    It is this cloud's alone: nobody else could bring it up to date.
    """
    options = conf.database
    books = Database(
        options.connection,
        clock,
        pool_size=options.pool_size,
        attempts=options.max_attempts,
        reach=reach,
    )
    if schema.version(books) is None:
        schema.create(books)
    elif schema.is_older(books):
        LOG.info("bringing the database from schema %s to %s", schema.version(books), schema.HEAD)
        schema.sync(books)
    schema.check(books)
    return books
