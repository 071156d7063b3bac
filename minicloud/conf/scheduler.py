"""Options of [scheduler] and [filter_scheduler]."""

from typing import Any

from oslo_config import cfg

from minicloud.conf.ratios import RatioText

GROUP = "filter_scheduler"
OPTS = [
    cfg.ListOpt(
        "enabled_filters",
        default=[
            "RetryFilter",
            "AvailabilityZoneFilter",
            "ComputeFilter",
            "RamFilter",
            "CoreFilter",
            "DiskFilter",
            "ComputeCapabilitiesFilter",
            "ImagePropertiesFilter",
            "ServerGroupAntiAffinityFilter",
            "ServerGroupAffinityFilter",
        ],
        help="Filters, in order: names of entry points of minicloud.scheduler.filters, of classes "
        "that available_filters leads to, or whole paths of classes, as mypackage.GpuFilter. What "
        "is not there stops the scheduler at its start.",
    ),
    cfg.MultiStrOpt(
        "available_filters",
        default=["minicloud.scheduler.filters.all_filters"],
        help="Paths to filters that may be enabled by the mere names of their classes: of a "
        "class, of a module, or of a function that returns a list of classes. The default is all "
        "entry points (Nova's name for all of its filters means the same); repeat it beside a "
        "path of your own. The classes may have Nova's shape, see doc/checklist-filter.md.",
    ),
    cfg.ListOpt(
        "enabled_weighers",
        default=[
            "RAMWeigher",
            "CPUWeigher",
            "DiskWeigher",
            "IoOpsWeigher",
            "NumInstancesWeigher",
            "MetricsWeigher",
            "ServerGroupSoftAffinityWeigher",
            "ServerGroupSoftAntiAffinityWeigher",
            "BuildFailureWeigher",
            "HypervisorVersionWeigher",
            "ImagePropertiesWeigher",
        ],
        help="Weighers: names of entry points of minicloud.scheduler.weighers, or whole paths of "
        "classes. minicloud.scheduler.weighers.all_weighers is all entry points.",
    ),
    cfg.IntOpt(
        "host_subset_size",
        default=1,
        help="Choose at random among this many of the best hosts; less than 1 is 1. Raise it "
        "where many schedulers collide on the best host.",
    ),
    cfg.BoolOpt(
        "shuffle_best_same_weighed_hosts",
        default=True,
        help="Choose at random among hosts of equal "
        "weight, so that several schedulers seldom want the same one.",
    ),
    cfg.FloatOpt(
        "ram_weight_multiplier", default=1.0, help="Weight of free memory; negative stacks."
    ),
    cfg.FloatOpt(
        "cpu_weight_multiplier", default=1.0, help="Weight of free processors; negative stacks."
    ),
    cfg.FloatOpt(
        "disk_weight_multiplier", default=1.0, help="Weight of free disk; negative stacks."
    ),
    cfg.FloatOpt(
        "io_ops_weight_multiplier",
        default=-1.0,
        help="Weight of disk-heavy work under way; negative prefers quiet hosts.",
    ),
    cfg.FloatOpt(
        "num_instances_weight_multiplier",
        default=0.0,
        help="Weight of the number of instances; negative spreads them, positive stacks.",
    ),
    cfg.FloatOpt(
        "hypervisor_version_weight_multiplier",
        default=1.0,
        help="Weight of the hypervisor's version; negative prefers old ones. Set it to 0, or by "
        "aggregate, where there are several hypervisors: their versions do not compare.",
    ),
    cfg.FloatOpt(
        "image_props_weight_multiplier",
        default=0.0,
        help="Weight of properties that images of a host's servers have in common with the one "
        "asked for; positive packs likes together, negative spreads them. At 0 the scheduler does "
        "not read what runs on the hosts, and aggregates change nothing.",
    ),
    cfg.ListOpt(
        "image_props_weight_setting",
        item_type=RatioText(),
        default=[],
        help="What each property counts, as os_distro=2,hw_machine_type=0.5; all others count "
        "nothing. Empty: every property counts 1.",
    ),
    cfg.FloatOpt(
        "soft_affinity_weight_multiplier",
        default=1.0,
        min=0,
        help="How strongly a server of a soft-affinity group prefers hosts with others.",
    ),
    cfg.FloatOpt(
        "soft_anti_affinity_weight_multiplier",
        default=1.0,
        min=0,
        help="How strongly a server of a soft-anti-affinity group avoids hosts with others.",
    ),
    cfg.FloatOpt(
        "build_failure_weight_multiplier",
        default=1000000.0,
        help="How strongly hosts whose last builds failed are avoided; 0: not at all.",
    ),
    cfg.IntOpt(
        "max_io_ops_per_host",
        default=8,
        min=1,
        help="IoOpsFilter: as many instances may be at disk-heavy work on a host. Aggregates may "
        "say less or more under the same name (AggregateIoOpsFilter).",
    ),
    cfg.IntOpt(
        "max_instances_per_host",
        default=50,
        min=1,
        help="NumInstancesFilter: as many instances may be on a host. Aggregates may say less or "
        "more under the same name (AggregateNumInstancesFilter).",
    ),
    cfg.BoolOpt(
        "json_filter_not_is_list",
        default=False,
        help='JsonFilter as in Nova: "not" inside of "and" or "or" is a list and so always true. '
        "Only for clients that rely on it.",
    ),
    cfg.ListOpt(
        "isolated_images",
        default=[],
        help="IsolatedHostsFilter: uuids of images that go to isolated hosts and nowhere else.",
    ),
    cfg.ListOpt(
        "isolated_hosts",
        default=[],
        help="IsolatedHostsFilter: names of the hosts that are kept for isolated images.",
    ),
    cfg.BoolOpt(
        "restrict_isolated_hosts_to_isolated_images",
        default=True,
        help="IsolatedHostsFilter: whether other images stay away from isolated hosts.",
    ),
    cfg.StrOpt(
        "aggregate_image_properties_isolation_namespace",
        default="",
        help="AggregateImagePropertiesIsolation looks only at image properties that begin with "
        "this word and the separator. Empty: at all of them.",
    ),
    cfg.StrOpt(
        "aggregate_image_properties_isolation_separator",
        default=".",
        help="What stands between the namespace and the rest of a property's name.",
    ),
    cfg.StrOpt(
        "default_availability_zone",
        default="nova",
        help="Zone of hosts that are in no aggregate with a zone.",
    ),
    cfg.FloatOpt(
        "reload_interval_s",
        default=30.0,
        min=1,
        help="Seconds between two full reads of the hosts, or 10 ms for each host if that is "
        "more; in between only what changed is read.",
    ),
]

DRIVER_GROUP = "scheduler"
DRIVER_OPTS = [
    cfg.StrOpt(
        "driver",
        default="filter_scheduler",
        choices=[
            ("filter_scheduler", "filters, then weighers: what [filter_scheduler] says"),
            ("chance_scheduler", "any host that is in service; only its room is checked"),
        ],
        help="How hosts are chosen.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(DRIVER_OPTS, group=DRIVER_GROUP)
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(DRIVER_GROUP, DRIVER_OPTS), (GROUP, OPTS)]
