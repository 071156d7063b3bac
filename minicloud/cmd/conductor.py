"""minicloud-conductor: see minicloud/conductor/service.py."""

import sys
from collections.abc import Callable

from oslo_config import cfg

from minicloud.cmd import parts, program
from minicloud.rpc.broker import BrokerLine
from minicloud.runtime.clock import SystemClock


def begin(conf: cfg.ConfigOpts) -> Callable[[], None]:
    clock, reach = SystemClock(), program.reach_of(conf)
    books = parts.database(conf, clock, reach)
    group = parts.service_group(conf, books)
    line = BrokerLine(conf)
    running = parts.Parts(conf, line, clock, reach)
    running.on_stop(books.dispose)
    running.on_stop(line.close)
    running.conductor(books, group, conf.host)
    running.beat(group)
    return running.stop


def main() -> int:
    return program.serve("minicloud-conductor", begin)


if __name__ == "__main__":
    sys.exit(main())
