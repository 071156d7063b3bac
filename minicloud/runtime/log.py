"""Log lines with the request id and the user, by oslo.log; secrets are hidden."""

import logging

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
        return masked(self._formatter.format(record))
