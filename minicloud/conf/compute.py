"""Options of [compute]."""

from typing import Any

from oslo_config import cfg

GROUP = "compute"
OPTS = [
    cfg.StrOpt(
        "driver",
        default="fake",
        help="Hypervisor driver, an entry point of minicloud.compute.drivers.",
    ),
    cfg.ListOpt(
        "hosts",
        default=[],
        help="Hosts that this agent looks after; empty: the one named by "
        "[DEFAULT] host. Each is a compute service and a hypervisor of its own.",
    ),
    cfg.FloatOpt(
        "poll_interval_s",
        default=5.0,
        min=0.05,
        help="Seconds between two looks at all hosts "
        "without having been woken. It bounds the delay after a lost message, and each look "
        "renews the hosts' place in the service group: keep it well below "
        "[servicegroup] service_down_time_s.",
    ),
    cfg.FloatOpt(
        "full_look_interval_s",
        default=15.0,
        min=0.05,
        help="Seconds between two comparisons of every guest with the database, tasks or not. "
        "It bounds how long a guest that was given away, deleted or stopped behind the "
        "cloud's back goes unnoticed.",
    ),
    cfg.FloatOpt(
        "inventory_interval_s",
        default=60.0,
        min=1,
        help="Seconds between two reports of what the hosts have.",
    ),
    cfg.FloatOpt(
        "gather_s",
        default=0.2,
        min=0,
        help="Seconds for which wakes gather once they come faster than they are "
        "followed; 0: never. Under load it makes one step do the work of many, and "
        "puts each boot off by as much.",
    ),
    cfg.IntOpt(
        "max_concurrent_operations",
        default=10,
        min=1,
        help="Guests built, started, stopped or destroyed at the same time by one agent.",
    ),
    cfg.FloatOpt(
        "cpu_allocation_ratio", default=16.0, min=0.01, help="Virtual processors per real one."
    ),
    cfg.FloatOpt(
        "ram_allocation_ratio",
        default=1.5,
        min=0.01,
        help="Memory given to guests per memory there is.",
    ),
    cfg.FloatOpt(
        "disk_allocation_ratio",
        default=1.0,
        min=0.01,
        help="Disk given to guests per disk there is.",
    ),
    cfg.IntOpt(
        "reserved_host_memory_mb", default=512, min=0, help="Memory in MB kept for the host."
    ),
    cfg.IntOpt("reserved_host_disk_mb", default=0, min=0, help="Disk in MB kept for the host."),
    cfg.IntOpt("reserved_host_cpus", default=0, min=0, help="Processors kept for the host."),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
