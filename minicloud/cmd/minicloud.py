"""`minicloud`: start a cloud on this machine, look at it, stop it.

Only argparse is imported here: each command imports its own module when it is called, so that
`minicloud status` answers at once and an embedded cloud starts in well under a second.
"""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from minicloud.cmd.state import default_root

PEOPLE = ("admin", "demo", "demo_manager", "demo_reader", "alt_demo", "neutron")

_COMMANDS = {  # name -> where its function is
    "up": "minicloud.cmd.up:up",
    "down": "minicloud.cmd.control:down",
    "status": "minicloud.cmd.status:status",
    "env": "minicloud.cmd.clouds:env",
    "logs": "minicloud.cmd.logs:logs",
    "kill": "minicloud.cmd.control:kill",
    "restart": "minicloud.cmd.control:restart",
    "explain": "minicloud.cmd.explain:explain",
    "whatif": "minicloud.cmd.what_if:what_if",
}

_OF_PROCESSES: dict[str, int | str] = {  # options of `up --processes` and their defaults
    "computes": 3,
    "api-workers": 1,
    "conductors": 1,
    "schedulers": 1,
    "database": "mariadb",
    "broker": "",
    "servicegroup": "db",
}

_EXAMPLES = """\
examples:
  minicloud up --detach                    a cloud of 3 simulated hosts, in one process
  eval "$(minicloud env)"                  be its administrator in this shell
  openstack server create --image cirros --flavor m1.nano --wait first
  minicloud status                         what runs
  minicloud down                           stop it; the next `up` goes on where it was

  minicloud up --processes --computes 10   real programs over RabbitMQ and MariaDB
  minicloud kill scheduler                 ... and see it come back
"""
_UP_EXAMPLES = """\
examples:
  minicloud up                             one process; Ctrl-C stops it
  minicloud up --detach --hosts 100        100 simulated hosts, in the background
  minicloud up --processes --computes 2 --hosts 5 --api-workers 2
                                           2 agents with 5 hosts each: node1 ... node10
  minicloud up --processes --database postgresql
  minicloud up --processes --broker rabbit://user:pw@mq:5672/ \\
      --database mariadb://user:pw@db/minicloud
  minicloud up --processes --servicegroup zk
                                           who lives is known by sessions of a private ZooKeeper
  minicloud up --processes --servicegroup zookeeper://h1:2181,h2:2181,h3:2181
                                           ... of yours; so redis://:pw@h, memcached://h,
                                           etcd3+http://h
  minicloud up --identity keystone         with a real Keystone of its own (minicloud[keystone])
  OS_USERNAME=admin OS_PASSWORD=... OS_PROJECT_NAME=admin \\
      minicloud up --identity http://keystone:5000/v3
                                           with yours: what is missing there is made
  minicloud up --rate-limits               with the limits of Nova, to be changed while it runs:
                                           see minicloud-manage limits --help
  minicloud up --processes --api-workers 4 --rate-limits limits.yaml
                                           levels are shared in a private Redis
  minicloud up --set quota.instances=-1 --set quota.cores=-1 --set quota.ram=-1
"""
_KILL_EXAMPLES = """\
examples:
  minicloud kill compute-2                 kill -9 one agent; the supervisor starts it again
  minicloud kill scheduler --signal STOP   let all schedulers hang (CONT lets them go on)
  minicloud kill rabbitmq                  take the broker away for a moment
"""
_LOGS_EXAMPLES = """\
examples:
  minicloud logs -n 50                     the last 50 lines of everything, by time
  minicloud logs -f scheduler              all schedulers, as they write
  minicloud logs compute-2
"""
_EXPLAIN_EXAMPLES = """\
examples:
  minicloud explain big                    why the server is in ERROR, or where else it could be
  minicloud explain 0d6c92ad-... --limit 20
  minicloud explain big --format json | jq .counts
"""
_WHATIF_EXAMPLES = """\
examples:
  minicloud whatif --flavor m1.large       does one fit, and how many more?
  minicloud whatif --flavor m1.small --count 10 --project demo
                                           ten at once, under that project's quota
  minicloud whatif --flavor m1.small --az nova:node2
                                           forced to a host, whatever the filters say
  minicloud whatif --flavor m1.tiny --hint group=web --hint different_host=SERVER-ID
  minicloud whatif --flavor m1.tiny --hint 'query=[">=","$free_ram_mb",4096]'

The scheduler of the running cloud decides as it would for a boot, and nothing is made. Exit code:
0 it fits, 4 it is refused, 3 no cloud runs.
"""


def main() -> int:
    """Run one command; returns its exit code."""
    top = parser()
    options = top.parse_args()
    if options.command is None:
        top.print_help(sys.stderr)
        return 2
    if options.command == "up" and not options.processes:
        _refuse_what_needs_processes(options)
    if options.command == "up" and options.rate_limit_store and options.rate_limits is None:
        top.error("--rate-limit-store is for rate limits: add --rate-limits")
    options.state_dir_given = options.state_dir is not None
    options.state_dir = Path(options.state_dir or default_root(os.environ)).absolute()
    module, function = _COMMANDS[options.command].split(":")
    try:
        code: int = getattr(import_module(module), function)(options)
    except BrokenPipeError:  # `minicloud logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (NotADirectoryError, PermissionError) as error:  # of the state directory
        print(f"minicloud: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return code


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="minicloud",
        description="A Nova-compatible cloud on this machine.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show which release this is")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    _add_up(_command(commands, "up", "start a cloud", _UP_EXAMPLES))
    _command(commands, "down", "stop the cloud and wait until it is down")
    status = _command(commands, "status", "show what runs (exit code 3: nothing)")
    status.add_argument("--json", action="store_true", help="for programs")
    env = _command(commands, "env", 'print export OS_... lines: eval "$(minicloud env)"')
    env.add_argument("--user", choices=PEOPLE, default="admin", help="default: admin")
    _add_logs(_command(commands, "logs", "show what the services log", _LOGS_EXAMPLES))
    kill = _command(commands, "kill", "send a signal to a service", _KILL_EXAMPLES)
    kill.add_argument("service", metavar="SERVICE", help="such as compute, compute-2, rabbitmq")
    kill.add_argument(
        "--signal", default="KILL", metavar="S", help="name or number; default: KILL"
    )
    restart = _command(commands, "restart", "restart a service, one process after the other")
    restart.add_argument("service", metavar="SERVICE", help="such as api, compute-2, mariadb")
    explain = _command(
        commands, "explain", "tell why a server is where it is, or nowhere", _EXPLAIN_EXAMPLES
    )
    explain.add_argument("server", metavar="SERVER", help="its name or id")
    _add_telling(explain)
    _add_what_if(
        _command(
            commands, "whatif", "tell where a server would go, if one were made", _WHATIF_EXAMPLES
        )
    )
    return top


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    what: str,
    epilog: str = "",
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=what,
        description=what[0].upper() + what[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--state-dir",
        metavar="D",
        help="where the cloud keeps everything; default: $MINICLOUD_STATE_DIR "
        "or ~/.local/state/minicloud",
    )
    return command


def _add_up(up: argparse.ArgumentParser) -> None:
    up.add_argument("--port", type=_port, default=8774, metavar="P", help="default: 8774")
    up.add_argument("--detach", action="store_true", help="return when the cloud is ready")
    up.add_argument(
        "--password",
        default=os.environ.get("MINICLOUD_PASSWORD"),
        metavar="P",
        help="of admin and demo, set at the first start; better in $MINICLOUD_PASSWORD, as others "
        "can see arguments; default: one made by chance, kept in the state directory",
    )
    up.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="GROUP.OPTION=VALUE",
        help="set any option of the configuration; repeatable",
    )
    up.add_argument(
        "--identity",
        default="",
        metavar="URL",
        help="a Keystone whose tokens count instead of the small identity service's, or keystone "
        "for a private one; an administrator there is named by OS_USERNAME and the like, as "
        "others can see arguments",
    )
    _add_limits(up.add_argument_group("rate limits"))
    hosts = up.add_argument_group("simulated hosts")
    hosts.add_argument(
        "--hosts", type=_number, metavar="N", help="default: 3; with --processes: 1 for each agent"
    )
    hosts.add_argument("--host-vcpus", type=_number, metavar="N", help="default: 16")
    hosts.add_argument("--host-memory-mb", type=_number, metavar="N", help="default: 65536")
    hosts.add_argument("--host-disk-gb", type=_number, metavar="N", help="default: 1024")
    many = up.add_argument_group("many processes")
    many.add_argument("--processes", action="store_true", help="real programs, supervised")
    for option, default in _OF_PROCESSES.items():
        if isinstance(default, int):
            what = f"agents; default: {default}" if option == "computes" else f"default: {default}"
            many.add_argument(f"--{option}", type=_number, default=default, metavar="N", help=what)
    many.add_argument(
        "--database",
        default=_OF_PROCESSES["database"],
        metavar="URL",
        help="a database that exists, or mariadb (default) or postgresql for a private one",
    )
    many.add_argument(
        "--broker",
        default=_OF_PROCESSES["broker"],
        metavar="URL",
        help="a RabbitMQ that exists; default: a private one",
    )
    many.add_argument(
        "--servicegroup",
        default=_OF_PROCESSES["servicegroup"],
        metavar="WORD",
        help="who knows which services live: zk, mc, redis or etcd for a private ZooKeeper, "
        "memcached, Redis or etcd, the URL of one that exists, or db (default): the database",
    )


def _add_limits(limits: "argparse._ArgumentGroup") -> None:
    limits.add_argument(
        "--rate-limits",
        nargs="?",
        const="",
        metavar="FILE",
        help="limit how many calls a caller may make, by this file; default: etc/limits.yaml in "
        "the state directory, made at the first start with the limits of Nova",
    )
    limits.add_argument(
        "--rate-limit-store",
        type=_redis,
        metavar="URL",
        help="a Redis that exists, as redis://host:6379/0, for limits and levels; default: with "
        "--processes a private one, else the memory of the one process",
    )


def _add_what_if(what_if: argparse.ArgumentParser) -> None:
    what_if.add_argument("--flavor", required=True, metavar="F", help="its name or id")
    what_if.add_argument(
        "--image", metavar="I", help="its name or id; default: the only one that is no snapshot"
    )
    what_if.add_argument(
        "--hint",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="for the scheduler; repeatable, and a name may have several values",
    )
    what_if.add_argument("--az", metavar="ZONE[:HOST]", help="availability zone")
    what_if.add_argument(
        "--count", type=_number, default=1, metavar="N", help="so many at once; default: 1"
    )
    what_if.add_argument("--project", metavar="P", help="whose; default: the administrator's")
    _add_telling(what_if)


def _add_telling(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--limit", type=_number, default=20, metavar="N", help="tell of N hosts; default: 20"
    )
    command.add_argument("--format", choices=("table", "json"), default="table")


def _add_logs(logs: argparse.ArgumentParser) -> None:
    logs.add_argument("service", metavar="SERVICE", nargs="?", help="default: all")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as lines are added")
    logs.add_argument("-n", "--lines", type=_number, default=30, metavar="N", help="default: 30")


class _Version(argparse.Action):
    """Look the release up only when it is asked for: that takes longer than all the rest."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from minicloud.cmd.up import version

        parser.exit(0, f"minicloud {version()}\n")


def _refuse_what_needs_processes(options: argparse.Namespace) -> None:
    """One process has one of each and SQLite: an option that would change nothing is a mistake."""
    for option, default in _OF_PROCESSES.items():
        if getattr(options, option.replace("-", "_")) != default:
            print(
                f"minicloud up: error: --{option} is for many processes: add --processes",
                file=sys.stderr,
            )
            sys.exit(2)


def _redis(word: str) -> str:
    if not word.startswith(("redis://", "rediss://", "unix://")):
        raise argparse.ArgumentTypeError("expected a URL, as redis://:password@host:6379/0")
    return word


def _number(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word} is not a whole number above 0")
    return int(word)


def _port(word: str) -> int:
    if _number(word) > 65535:
        raise argparse.ArgumentTypeError(f"{word} is not a port")
    return int(word)


if __name__ == "__main__":
    sys.exit(main())
