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
