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
    cfg.IntOpt(
        "reclaim_instance_interval",
        default=0,
        min=0,
        help="Seconds for which a deleted server can be restored; 0: it is gone at once.",
    ),
    cfg.IntOpt(
        "shelved_offload_time",
        default=0,
        min=-1,
        help="Seconds after which a shelved server leaves its host; 0: at once, -1: never.",
    ),
    cfg.IPOpt(
        "my_ip",
        default="127.0.0.1",
        help="Address of the hosts that a compute agent looks after, where their driver knows no "
        "other. It is shown, and SimpleCIDRAffinityFilter goes by it.",
    ),
    cfg.ListOpt(
        "compute_monitors",
        default=[],
        help="What compute agents measure on their hosts, for MetricsWeigher and MetricsFilter; "
        "cpu.virt_driver: the use of processors. It is told with the inventory, every "
        "[compute] inventory_interval_s.",
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
