"""Options of [DEFAULT]."""

import socket
from typing import Any

from oslo_config import cfg

OPTS = [
    cfg.HostnameOpt(
        "host",
        default=socket.gethostname(),
        sample_default="<your_hostname>",
        help="Name of this program's host in the service group and on the bus. Set it "
        "where one machine runs several agents, or where host names may change.",
    ),
    cfg.StrOpt(
        "state_path",
        default="/var/lib/minicloud",
        help="Directory for what a service keeps "
        "on disk: images, simulated guests, the SQLite file. Needs room for the images.",
    ),
    cfg.BoolOpt(
        "allow_fault_injection",
        default=False,
        help="Obey MINICLOUD_CRASH_DIR in the "
        "environment and the fake driver's fault keys. For tests; never in service.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(None, OPTS)]
