"""Log lines with the request id and the user, by oslo.log; secrets are hidden."""

import logging
import sys
import traceback

from oslo_config import cfg
from oslo_log import log

from minicloud.runtime.masking import masked

_QUIET = (
    "alembic=WARN",
    "amqp=WARN",
    "kazoo=ERROR",  # while a server is away it says so each second; we say it once
    "oslo.messaging=WARN",
    "oslo_messaging=WARN",
    "sqlalchemy=WARN",
    "stevedore=WARN",
    "routes.middleware=WARN",
    "waitress.queue=ERROR",
    "waitress=WARN",
    "oslo_policy=WARN",
    "tooz=CRITICAL",  # a traceback for each lock that a silent store does not take back
    "urllib3=WARN",
)


def register_opts(conf: cfg.ConfigOpts) -> None:
    log.register_options(conf)
    log.set_defaults(default_log_levels=list(_QUIET))


def setup(conf: cfg.ConfigOpts) -> None:
    log.setup(conf, "minicloud")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Masked(handler.formatter or logging.Formatter()))


class _Masked(logging.Formatter):
    """The whole of a line, with the traceback that belongs to it: nobody has to think of it."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        return masked(_told_once(record, self._formatter.format(record)))


def _told_once(record: logging.LogRecord, line: str) -> str:
    """Without the error that is being handled, which oslo.log adds, where the message tells it."""
    error = sys.exception()
    if error is None or record.exc_info:
        return line
    said, *_more = str(error).splitlines() or [""]
    summary = traceback.format_exception_only(error)[0].partition("\n")[0].rstrip()
    return line.removesuffix(f": {summary}") if said and said in record.getMessage() else line
