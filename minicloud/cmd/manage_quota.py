"""minicloud-manage quota: what projects, users and classes may have, and what they use."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Final

from minicloud.cmd import quota_change, quota_said
from minicloud.cmd.manage_group import Commands, add_verb
from minicloud.conf.quota import OPTS

_ABOUT: Final = """\
A quota says how much a project may have at most; -1 is no limit. What holds is a user's own limit
in the project, else the project's, else that of the project's class, else that of the class
"default", else the option of [quota]. Usage is counted, so it is never wrong and never repaired.
"""
_EXAMPLES: Final = """\
examples:
  minicloud-manage quota show --project demo              limits, and what is used of them
  minicloud-manage quota update demo --instances 20 --cores 40
  minicloud-manage quota update demo --user alice --cores 4      for one user of it
  minicloud-manage quota delete --project demo            back to the defaults
  minicloud-manage quota defaults                         what all others have
  minicloud-manage quota class-update default --ram 102400       change that
"""
_SHOW: Final = """\
The bar shows how much is used. Key pairs are a user's, and members are a group's, so a project
uses none of them.

examples:
  quota show --project demo
  quota show --project demo --user alice
"""
_UPDATE: Final = """\
Only what you name changes. A limit below what is used, below what the project's users were given,
or a user's above the project's is refused, unless you say --force. It counts from now on, in
every API process.

examples:
  quota update demo --instances 20 --cores 40
  quota update demo --user alice --instances 5
  quota update demo --ram -1                              no limit
  quota update demo --instances 0 --force                 let it get no more
"""
_DELETE: Final = """\
Without --user the limits of the project and of all its users go.

examples:
  quota delete --project demo
  quota delete --project demo --user alice
"""
_CLASS: Final = """\
The class "default" is that of everybody. Which projects are of another class is said by
`minicloud-manage limits class`; such a class counts where [ratelimit] enabled is true.

examples:
  quota class-show default
  quota class-show gold
"""
_CLASS_UPDATE: Final = """\
Only what you name changes; it counts from now on, in every API process.

examples:
  quota class-update default --instances 20
  quota class-update gold --instances 500 --cores -1
"""
RESOURCES: Final = tuple(option.dest for option in OPTS)
_verb: Final = partial(add_verb, "quota")


def add_commands(commands: Commands) -> None:
    """show, update, defaults, delete, class-show, class-update."""
    group = commands.add_parser(
        "quota",
        help="quotas of projects, users and classes: show and change them",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(dest="what", metavar="COMMAND", required=True)
    show = _verb(verbs, "show", quota_said.show, "what a project or user may have and has", _SHOW)
    _add_owner(show)
    update = _verb(
        verbs, "update", quota_change.update, "change limits of a project or user", _UPDATE
    )
    update.add_argument("project", metavar="PROJECT", help="its name or id")
    update.add_argument("--user", metavar="USER", help="name or id: the limits of this user in it")
    _add_limits(update)
    update.add_argument("--force", action="store_true", help="set it whatever is used")
    _verb(verbs, "defaults", quota_said.defaults, "what projects have that were given nothing")
    delete = _verb(
        verbs, "delete", quota_change.delete, "put a project or user back to the defaults", _DELETE
    )
    _add_owner(delete)
    shown = _verb(verbs, "class-show", quota_said.of_class, "what a class may have", _CLASS)
    shown.add_argument("quota_class", metavar="CLASS")
    changed = _verb(
        verbs, "class-update", quota_change.update_class, "change a class", _CLASS_UPDATE
    )
    changed.add_argument("quota_class", metavar="CLASS")
    _add_limits(changed)


def _add_owner(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--project", "--tenant", metavar="PROJECT", required=True, help="its name or id"
    )
    parser.add_argument("--user", metavar="USER", help="name or id: this user in the project")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("limits (-1: none)")
    for name, option in zip(RESOURCES, OPTS, strict=True):
        about = option.help.partition(";")[0]
        limits.add_argument(
            f"--{name.replace('_', '-')}", type=_limit(name), metavar="N", dest=name, help=about
        )


def _limit(name: str) -> Callable[[str], int]:
    """As the API takes them: whole, at least -1, and what a column holds."""

    def limit(word: str) -> int:
        try:
            found = int(word)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{word!r} is no whole number") from None
        if not -1 <= found <= 2_147_483_647:
            raise argparse.ArgumentTypeError(f"{name} goes from -1 (no limit) to 2147483647")
        return found

    return limit
