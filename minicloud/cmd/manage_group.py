"""What a group of minicloud-manage's commands is: a function that adds its parsers.

Each group has a file of its own, `manage_<noun>.py`, and a line in `manage.GROUPS`. Its parsers
say `set_defaults(run=f)`: `f(conf)` is called, and finds the arguments in `conf.command`.
"""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from oslo_config import cfg

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = argparse._SubParsersAction

Run = Callable[[cfg.ConfigOpts], None]  # raises CannotStart for what the operator can mend
AddCommands = Callable[[Commands], None]


def add_verb(
    group: str, verbs: Commands, name: str, run: Run, what: str, epilog: str = ""
) -> argparse.ArgumentParser:
    """A command of a group; examples in `epilog` begin with the group, indented by two."""
    parser = verbs.add_parser(
        name,
        help=what,
        description=what[0].upper() + what[1:] + ".",
        epilog=epilog.replace(f"  {group} ", f"  minicloud-manage {group} "),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser
