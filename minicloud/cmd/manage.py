"""minicloud-manage: what an operator does to a deployment from its own machine."""

import os
import sys
from typing import Final

from oslo_config import cfg

from minicloud.cmd import (
    manage_bootstrap,
    manage_db,
    manage_duties,
    manage_limits,
    manage_policy,
    manage_quota,
    manage_service,
    program,
)
from minicloud.cmd.manage_group import AddCommands, Commands, Run
from minicloud.errors import CannotStart

GROUPS: Final[tuple[AddCommands, ...]] = (
    manage_db.add_commands,
    manage_bootstrap.add_commands,
    manage_service.add_commands,
    manage_duties.add_commands,
    manage_limits.add_commands,
    manage_policy.add_commands,
    manage_quota.add_commands,
)


def _add_commands(commands: Commands) -> None:
    for add in GROUPS:
        add(commands)


def main() -> int:
    command = cfg.SubCommandOpt("command", title="commands", handler=_add_commands)
    cfg.CONF.register_cli_opt(command)

    def run(conf: cfg.ConfigOpts) -> None:
        handler: Run | None = getattr(conf.command, "run", None)
        if handler is None:
            raise CannotStart("name a command (see --help)")
        handler(conf)

    try:
        return program.run("minicloud-manage", run)
    except BrokenPipeError:  # `minicloud-manage service watch | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
