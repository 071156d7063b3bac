"""Options of [fake]."""

from typing import Any

from oslo_config import cfg, types

from minicloud.conf.ratios import RatioText

GROUP = "fake"
OPTS = [
    cfg.IntOpt("vcpus", default=16, min=1, help="Processors of each simulated host."),
    cfg.IntOpt("memory_mb", default=65536, min=1, help="Memory of each simulated host in MB."),
    cfg.IntOpt("disk_gb", default=1024, min=1, help="Disk of each simulated host in GB."),
    cfg.FloatOpt(
        "spawn_s",
        default=0.0,
        min=0,
        help="Seconds that a simulated boot takes; a server may "
        "ask for more by the flavor extra spec or metadata key fake:spawn_s.",
    ),
    cfg.FloatOpt(
        "guest_cpu_load",
        default=0.5,
        min=0,
        max=1,
        help="Share of its processors that a running guest keeps busy; it shows in the host's "
        "metrics ([DEFAULT] compute_monitors).",
    ),
    cfg.Opt(
        "host_ips",
        type=types.Dict(types.IPAddress()),
        default={},
        help="Addresses of simulated hosts, as node1:10.0.0.1,node2:fd00::1; those of others are "
        "[DEFAULT] my_ip.",
    ),
    cfg.ListOpt(
        "metrics",
        item_type=RatioText(),
        default=[],
        help="Metrics that simulated hosts tell whatever runs on them, as "
        "cpu.percent=0.9 for all hosts or node1/cpu.percent=0.9 for one; any name will do. Only "
        "with a monitor in [DEFAULT] compute_monitors.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
