"""Log lines with the request id and the user, by oslo.log."""

from oslo_config import cfg
from oslo_log import log

_QUIET = (
    "alembic=WARN",
    "amqp=WARN",
    "oslo.messaging=WARN",
    "oslo_messaging=WARN",
    "sqlalchemy=WARN",
    "stevedore=WARN",
    "routes.middleware=WARN",
    "waitress.queue=ERROR",
    "waitress=WARN",
    "oslo_policy=WARN",
)


def register_opts(conf: cfg.ConfigOpts) -> None:
    log.register_options(conf)
    log.set_defaults(default_log_levels=list(_QUIET))


def setup(conf: cfg.ConfigOpts) -> None:
    log.setup(conf, "minicloud")
