"""minicloud-scheduler: see minicloud/scheduler/service.py."""

import sys
from collections.abc import Callable

from oslo_config import cfg

from minicloud.cmd import parts, program


def begin(conf: cfg.ConfigOpts) -> Callable[[], None]:
    running, books, group = parts.over_broker(conf, program.reach_of(conf))
    running.scheduler(books, group, conf.host)
    running.beat(group)
    return running.stop


def main() -> int:
    return program.serve("minicloud-scheduler", begin)


if __name__ == "__main__":
    sys.exit(main())
