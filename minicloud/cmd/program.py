"""What all programs share: configuration, log, signals, and one clear line on failure."""

import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence

from oslo_config import cfg
from oslo_db.exception import DBError
from sqlalchemy.exc import OperationalError

from minicloud import conf as options
from minicloud import errors
from minicloud.cmd import validate
from minicloud.runtime import log, steps
from minicloud.runtime.service import tell_ready
from minicloud.runtime.steps import Reach
from minicloud.runtime.stopping import stop_event

LOG = logging.getLogger("minicloud.cmd")
VERSION = "0.1.0"
_ABOUT = {  # what --help says first
    "minicloud-api": "Serve the Compute API, and small Identity and Image APIs beside it.",
    "minicloud-conductor": "Move servers on: hear what hosts report, and repair what got lost.",
    "minicloud-scheduler": "Choose hosts, and take the room on them.",
    "minicloud-compute": "Look after hosts: make their guests what the conductor says.",
    "minicloud-manage": "What an operator does: the database's schema, the first users, services, "
    "rate limits, policy, quotas. For a cloud of `minicloud up`: "
    "--config-file ~/.local/state/minicloud/etc/minicloud.conf",
}


def configure(program: str, arguments: Sequence[str], conf: cfg.ConfigOpts) -> cfg.ConfigOpts:
    """Parse command line and files by oslo.config's conventions; refuse what is unknown."""
    # Libraries import eventlet, which warns of itself; nobody here uses it.
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    log.register_opts(conf)
    options.register_opts(conf)
    about = _ABOUT.get(program)
    conf(list(arguments), project="minicloud", prog=program, version=VERSION, description=about)
    validate.check(conf)
    log.setup(conf)
    return conf


def reach_of(conf: cfg.ConfigOpts) -> Reach:
    """Crash points, where the operator allowed fault injection."""
    if not conf.allow_fault_injection:
        return steps.nothing
    return steps.from_environment(dict(os.environ))


def run(program: str, main: Callable[[cfg.ConfigOpts], None]) -> int:
    """Run a program to its end; the exit code."""
    try:
        conf = configure(program, sys.argv[1:], cfg.CONF)
        main(conf)
    except (errors.CannotStart, cfg.Error) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    except (DBError, OperationalError) as error:
        reason = _from_the_server(error)
        if reason is None:
            raise
        print(f"{program}: the database cannot be used: {reason}", file=sys.stderr)
        return 1
    return 0


def _from_the_server(error: Exception) -> str | None:
    """What the database says of itself, as "Access denied"; None for a mistake of ours."""
    inner = error.inner_exception if isinstance(error, DBError) else error
    return str(inner).splitlines()[0] if isinstance(inner, OperationalError) else None


def serve(program: str, begin: Callable[[cfg.ConfigOpts], Callable[[], None]]) -> int:
    """Run a service: `begin` starts it and returns what stops it."""

    def main(conf: cfg.ConfigOpts) -> None:
        stop = begin(conf)  # until it serves, a signal ends it at once: it may wait for the bus
        stopping = stop_event()
        LOG.info("%s %s serves as %s", program, VERSION, conf.host)
        tell_ready()
        while not stopping.wait(3600):
            pass
        LOG.info("%s ends: finishing what is under way", program)
        stop()

    return run(program, main)
