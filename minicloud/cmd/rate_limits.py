"""`minicloud up --rate-limits`: which limits, and where they and their levels are."""

import argparse
from pathlib import Path

from minicloud.cmd import settings
from minicloud.cmd.state import State
from minicloud.runtime.files import shipped

IN_REDIS = "in Redis"
_NAME = "limits.yaml"


def asked(options: argparse.Namespace) -> bool:
    return options.rate_limits is not None


def prepared(options: argparse.Namespace, state: State) -> settings.Settings:
    """The configuration; of no limits nothing. CannotStart for a file that cannot be read."""
    if not asked(options):
        return {}
    from minicloud.api.ratelimit import file_source  # which takes a while

    path = file(options, state)
    if not options.rate_limits and not path.exists():
        path.write_text(shipped(f"etc/minicloud/{_NAME}").read_text())
    file_source.read(path)
    store = options.rate_limit_store or "memory"
    values = {"limits_file": settings.literal(str(path)), "store": settings.literal(store)}
    return {"ratelimit": {"enabled": "true", **values}}


def load(options: argparse.Namespace, state: State) -> None:
    """Put a file that was named in the place of what is in Redis; CannotStart."""
    if not options.rate_limits or not _in_redis(options):
        return
    from oslo_config import cfg

    from minicloud.cmd.limits_book import opened
    from minicloud.conf import register_opts

    conf = register_opts(cfg.ConfigOpts())
    conf(["--config-file", str(state.conf)])
    path = file(options, state)
    with opened(conf) as found:
        found.book.load(path.read_text(), str(path))


def file(options: argparse.Namespace, state: State) -> Path:
    """The file that was named; else one in the state directory, which stays."""
    return Path(options.rate_limits).absolute() if options.rate_limits else state.etc / _NAME


def where(options: argparse.Namespace, state: State) -> str:
    """For `minicloud status`; "": nothing is limited."""
    if not asked(options):
        return ""
    return IN_REDIS if _in_redis(options) else f"of {file(options, state)}"


def _in_redis(options: argparse.Namespace) -> bool:
    return bool(options.processes or options.rate_limit_store)
