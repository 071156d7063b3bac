"""Options of [metrics]: how MetricsWeigher and MetricsFilter read what hosts measure."""

from typing import Any

from oslo_config import cfg

from minicloud.conf.ratios import RatioText

GROUP = "metrics"
OPTS = [
    cfg.FloatOpt(
        "weight_multiplier",
        default=1.0,
        help="MetricsWeigher: the weight of metrics; aggregates may say otherwise for their hosts "
        "by metrics_weight_multiplier.",
    ),
    cfg.ListOpt(
        "weight_setting",
        item_type=RatioText(),
        default=[],
        help="MetricsWeigher: the metrics that count and their ratios, as "
        "cpu.percent=-1.0,cpu.frequency=0.001. A host's value is the sum of metric x ratio. Hosts "
        "measure when [DEFAULT] compute_monitors says so.",
    ),
    cfg.BoolOpt(
        "required",
        default=True,
        help="MetricsWeigher: refuse a host that lacks one of the metrics. False: such a host "
        "gets weight_of_unavailable.",
    ),
    cfg.FloatOpt(
        "weight_of_unavailable",
        default=-10000.0,
        help="MetricsWeigher: the value of a host that lacks a metric, where none is required.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
