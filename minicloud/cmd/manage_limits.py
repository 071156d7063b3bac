"""minicloud-manage limits: show and change the rate limits, while the cloud runs."""

import argparse
from functools import partial
from typing import Any, Final

from minicloud.api.ratelimit.control import LONGEST_SPREAD_S
from minicloud.cmd import limits_change, limits_said
from minicloud.cmd.manage_group import Commands, add_verb

_ABOUT: Final = """\
Rate limits say how many calls per unit of time a caller may make. What is changed here counts in
every API process within a second; nothing is restarted, and what callers have used is kept.

They are in the file that [ratelimit] limits_file names, or in the Redis of [ratelimit] store.
"""
_EXAMPLES: Final = """\
examples:
  minicloud-manage limits show                     what counts, and which processes know it
  minicloud-manage limits show --project P --user U    ... and what this caller has left
  minicloud-manage limits set create --verb POST --uri /servers --value 50 --unit MINUTE
  minicloud-manage limits set create --value 60    change one thing of a limit that is there
  minicloud-manage limits set gold --value 9000 --unit HOUR --per project --class gold
  minicloud-manage limits class P gold             project P comes under the limits of this class
  minicloud-manage limits unset create
  minicloud-manage limits dump > limits.yaml; minicloud-manage limits load limits.yaml
"""
_SET: Final = """\
A limit of that name is changed in what you name, and stays as it is otherwise; a new one needs
--value and --unit. In a file, comments and all other limits stay as they are written.

examples:
  limits set create --verb POST --uri /servers --value 50 --unit MINUTE
  limits set act --verb POST --uri '/servers/{id}/action' --each id --value 3 --unit MINUTE
                                                   each server three times a minute
  limits set changes --verb GET --query changes-since --value 120 --unit MINUTE
  limits set log-in --verb POST --uri /v3/auth/tokens --per address --value 60 --unit MINUTE
  limits set gold --verb POST --value 1000 --unit MINUTE --per project --class gold
  limits set create --class ''                     for projects of every class again
"""
_CLASS: Final = """\
A project of a class comes under the limits of this class, and under those of no class. Projects
that are given none are of the class "default".

examples:
  limits class 8f3a...                             show it
  limits class "$(openstack project show demo -f value -c id)" gold
  limits class 8f3a... default                     take it away
"""
_IMPORT: Final = """\
Each limit becomes one of ours, named after its verb and URI (nova-post-servers); one of that name
is replaced. The expression is held against the path behind the project id, as was always meant.

example:
  limits import '(POST, "*", .*, 10, MINUTE);(POST, "*/servers", ^/servers, 50, DAY)'
"""
_LOAD: Final = """\
All limits and classes are replaced. etc/minicloud/limits.yaml is such a file, and explains itself.

examples:
  limits load limits.yaml
  ssh other minicloud-manage limits dump | minicloud-manage limits load -
"""
_RELOAD: Final = """\
Only needed when somebody has changed Redis by other means: what these commands change is noticed
within a second by itself. With a file, each process looks at it; this checks that it can be read.

examples:
  limits reload
  limits reload --spread 30                        each process at some moment of 30 seconds
"""
_verb: Final = partial(add_verb, "limits")


def add_commands(commands: Commands) -> None:
    """show, set, unset, class, import, load, dump, reload, ping."""
    group = commands.add_parser(
        "limits",
        help="rate limits: show and change them while the cloud runs",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(dest="what", metavar="COMMAND", required=True)
    show = _verb(verbs, "show", limits_said.show, "what counts, and which API processes know it")
    show.add_argument("--project", metavar="ID", help="what this project has left of its limits")
    show.add_argument("--user", metavar="ID", help="... and this user of it")
    _add_set(_verb(verbs, "set", limits_change.set_limit, "make or change a limit", _SET))
    unset = _verb(verbs, "unset", limits_change.unset, "take limits away")
    unset.add_argument("names", metavar="NAME", nargs="+")
    klass = _verb(
        verbs, "class", limits_change.classify, "show or change a project's class", _CLASS
    )
    klass.add_argument("project", metavar="PROJECT", help="its id")
    klass.add_argument("limit_class", metavar="CLASS", nargs="?", help="default: show it")
    nova = _verb(
        verbs, "import", limits_change.import_nova, "add limits in Nova's old form", _IMPORT
    )
    nova.add_argument("text", metavar="TEXT", help='(VERB, "URI", EXPRESSION, VALUE, UNIT);...')
    load = _verb(verbs, "load", limits_change.load, "replace all by those of a file", _LOAD)
    load.add_argument("file", metavar="FILE", help="in YAML; -: standard input")
    _verb(verbs, "dump", limits_said.dump, "print them as a file that load reads")
    again = _verb(
        verbs, "reload", limits_said.reload, "have all processes read them again", _RELOAD
    )
    again.add_argument("--spread", type=_seconds, default=0.0, metavar="S", help="default: 0")
    _verb(verbs, "ping", limits_said.ping, "which API processes hear (exit code 1: none)")


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("limit", metavar="NAME")
    several: dict[str, Any] = {"action": "append", "metavar": "X"}
    parser.add_argument(
        "--verb", **several, help="repeatable; *: every verb (default of a new one)"
    )
    parser.add_argument("--uri", metavar="T", help="such as /servers/{id}/action; *: every path")
    parser.add_argument("--value", metavar="N", help="calls")
    parser.add_argument("--unit", metavar="U", help="SECOND, MINUTE, HOUR, DAY, or seconds")
    parser.add_argument("--per", metavar="WHO", help="user (default), project or address")
    parser.add_argument(
        "--class", dest="limit_class", metavar="C", help="only projects of a class"
    )
    parser.add_argument("--query", **several, help="only calls with this parameter; repeatable")
    parser.add_argument(
        "--require", **several, help="id=EXPRESSION: what a variable must match; repeatable"
    )
    # Not --use: the parser of all programs would take that for short for one of its options.
    parser.add_argument(
        "--each", **several, help="a level for each value of a variable; repeatable"
    )


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_SPREAD_S:
        raise argparse.ArgumentTypeError(f"{word} is no number of seconds up to 3600")
    return seconds
