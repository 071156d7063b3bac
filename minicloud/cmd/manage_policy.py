"""minicloud-manage policy: which rules are in force, and who may do what by them."""

import argparse
from typing import Any, Final

from minicloud.cmd import policy_said
from minicloud.cmd.manage_group import Commands

_ABOUT: Final = """\
Who may do what is said by rules, under the names that Nova has for them. Their defaults are in the
code; policy.yaml beside the configuration file, and files in policy.d, override them. What is
changed there counts from the next request on; nothing is restarted. These commands read the same
files, and tell what is wrong with them.
"""
_LIST: Final = """\
A rule is shown when every WORD is a part of its name or of what it stands for. The check is what
counts in the end: the rules that it refers to are put in.

examples:
  minicloud-manage policy list                        all rules
  minicloud-manage policy list servers create         rules that have to do with both words
  minicloud-manage policy list --as reader            what a reader may do in its project
  minicloud-manage policy list --overridden           what your files have changed
  minicloud-manage policy list --json | jq -r '.[] | select(.overridden != "") | .rule'
"""
_CHECK: Final = """\
Says whether somebody may, and which part of the rule decides. The exit code is 0 for allowed and
3 for refused. RULE is the name of a rule, or a request: "VERB PATH", and "VERB PATH (action)" for
one of the actions of a server. A caller acts on things of its own project, unless --target says
whose they are.

examples:
  minicloud-manage policy check os_compute_api:servers:create --as reader
  minicloud-manage policy check "POST /servers" --as reader
  minicloud-manage policy check "POST /servers/{id}/action (os-migrateLive)" --as manager
  minicloud-manage policy check "GET /servers/{id}" --as admin --target project_id=other
  minicloud-manage policy check "DELETE /servers/{id}" --roles operator,reader --project p1
  minicloud-manage policy check --all --as reader       every route, and whether a reader may
"""
PERSONAS: Final = ("admin", "manager", "member", "reader", "service")


def add_commands(commands: Commands) -> None:
    group = commands.add_parser(
        "policy",
        help="the rules: which there are, and who may do what",
        description=_ABOUT,
        epilog="`policy list --help` and `policy check --help` have examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(dest="what", required=True)
    listing = _parser(verbs, "list", "show the rules, and where they are overridden", _LIST)
    listing.add_argument("words", nargs="*", metavar="WORD", help="what to look for")
    listing.add_argument("--as", dest="persona", choices=PERSONAS, help="only what these may")
    listing.add_argument("--overridden", action="store_true", help="only what files override")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=policy_said.listed)
    checking = _parser(verbs, "check", "say whether somebody may do something, and why", _CHECK)
    checking.add_argument("rule", nargs="?", metavar="RULE", help='or "VERB PATH (action)"')
    checking.add_argument("--all", action="store_true", help="every route instead of one rule")
    who = checking.add_mutually_exclusive_group(required=True)
    who.add_argument("--as", dest="persona", choices=PERSONAS, help="with the roles of these")
    who.add_argument("--roles", metavar="A,B", help="with exactly these roles")
    checking.add_argument("--project", default="a-project", help="the caller's project")
    checking.add_argument("--user", default="somebody", help="the caller's id")
    checking.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="whose the thing is: project_id=..., user_id=... (default: the caller's own)",
    )
    checking.add_argument("--json", action="store_true", help="for programs")
    checking.set_defaults(run=policy_said.checked)


def _parser(verbs: Any, name: str, about: str, more: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=about,
        description=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser
