"""minicloud-manage service: which services there are and live, and what is done to them."""

import argparse
from functools import partial
from typing import Final

from minicloud.cmd import service_change, service_said, service_watch
from minicloud.cmd.manage_group import Commands, add_verb

_ABOUT: Final = """\
A service is a program of the cloud on a host. Whether it lives is said by the service group, and
what you say of it (disabled, forced down) is in the database: these commands, the API and the
openstack client ask the same and refuse the same. They need the database alone, so they work
while the cloud is down too.
"""
_EXAMPLES: Final = """\
examples:
  minicloud-manage service list                    who is there, who lives, who says so
  minicloud-manage service list --down             who does not
  minicloud-manage service watch                   who comes and goes, until Ctrl-C
  minicloud-manage service disable node3 --reason "a new fan"      nothing new goes there
  minicloud-manage service force-down node3        it is dead, whatever is heard of it
  minicloud-manage service delete node3            it will not come back
"""
_LIST: Final = """\
State is "up" or "down" by what the service group hears, or "forced down" by an operator;
"unknown" where the store cannot be read and nothing was known before. Heard is when a sign of life
was last noticed; "-" where none is known. The epoch counts the programs that had the host: what an
older one says is refused. The owner is the program that has it now, its process and its machine.

examples:
  service list --host node3
  service list --binary nova-compute --down
  service list --json | jq '.services[] | select(.state == "down") | .host'
"""
_WATCH: Final = """\
One line for each service that comes or goes, and for a store that cannot be read or can again.
Ctrl-C ends it.

examples:
  service watch
  service watch --binary nova-compute | tee -a members.log
"""
_DISABLE: Final = """\
The schedulers choose the host no more from their next decision on. The servers on it go on.

examples:
  service disable node3 --reason "a new fan"
"""
_FORCE_DOWN: Final = """\
Says that the host is dead, at once and whatever is heard of it, so that its servers can be
evacuated. Make sure that it is: switch it off first. It is down until you say --off, which is
refused while guests that were evacuated from it may still run there: start its agent, which
destroys them within its next look, and say it again.

examples:
  service force-down node3
  openstack server evacuate SERVER                 for each server on it
  service force-down node3 --off                   it is back
"""
_DELETE: Final = """\
A compute host goes with its hypervisor and its places in aggregates. Refused while it has servers
or moves of servers under way. Stop its program first: one that still runs comes back.

examples:
  service delete node3
  service delete 12                                by number or uuid, see `service list --json`
"""
_verb: Final = partial(add_verb, "service")


def add_commands(commands: Commands) -> None:
    """list, watch, disable, enable, force-down, delete."""
    group = commands.add_parser(
        "service",
        help="the services: who is there and who lives; take out, call down, remove",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(dest="what", metavar="COMMAND", required=True)
    listed = _verb(verbs, "list", service_said.show, "who is there, and who lives", _LIST)
    _add_filters(listed)
    listed.add_argument("--down", action="store_true", help="only those that are not up")
    listed.add_argument("--json", action="store_true", help="for programs")
    watch = _verb(verbs, "watch", service_watch.watch, "tell who comes and who goes", _WATCH)
    _add_filters(watch)
    disable = _verb(
        verbs, "disable", service_change.disable, "take a compute host out of service", _DISABLE
    )
    _add_host(disable)
    disable.add_argument("--reason", metavar="TEXT", help="shown wherever the service is")
    enable = _verb(verbs, "enable", service_change.enable, "put it back into service")
    _add_host(enable)
    down = _verb(
        verbs, "force-down", service_change.force_down, "call a compute host dead", _FORCE_DOWN
    )
    _add_host(down)
    down.add_argument("--off", action="store_true", help="it lives again")
    delete = _verb(verbs, "delete", service_change.delete, "remove a service", _DELETE)
    delete.add_argument(
        "service", metavar="HOST|ID", help="a compute host; or a number or uuid of a service"
    )


def _add_host(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("compute_host", metavar="HOST", help="as `service list` shows it")


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", dest="of_host", metavar="H", help="only those of this host")
    parser.add_argument(
        "--binary",
        dest="of_binary",
        metavar="B",
        help="only those of this kind: nova-compute",
    )
