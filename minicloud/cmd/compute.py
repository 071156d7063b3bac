"""minicloud-compute: see minicloud/compute/service.py."""

import sys
from collections.abc import Callable

from oslo_config import cfg

from minicloud.cmd import parts, program
from minicloud.rpc.broker import BrokerLine
from minicloud.runtime.clock import SystemClock


def begin(conf: cfg.ConfigOpts) -> Callable[[], None]:
    clock = SystemClock()
    line = BrokerLine(conf)
    running = parts.Parts(conf, line, clock, program.reach_of(conf))
    running.on_stop(line.close)
    running.compute(conf.host)
    return running.stop


def main() -> int:
    return program.serve("minicloud-compute", begin)


if __name__ == "__main__":
    sys.exit(main())
