"""What a deployment chooses by, from its options."""

from typing import Final

from oslo_config import cfg

from minicloud.scheduler import plugins
from minicloud.scheduler.filters.claim import Claimable, is_needed
from minicloud.scheduler.refusal import CLAIM
from minicloud.scheduler.select import Rules

CHANCE: Final = "chance_scheduler"
_IN_SERVICE: Final = ("RetryFilter", "ComputeFilter")  # all that chance looks at


def of(conf: cfg.ConfigOpts) -> Rules:
    """By chance all hosts that are in service, and were not tried before, are equal."""
    if conf.scheduler.driver == CHANCE:
        return Rules(plugins.load("filters", _IN_SERVICE, conf), (), by_chance=True)
    options = conf.filter_scheduler
    filters = plugins.load("filters", options.enabled_filters, conf)
    if is_needed(filters):
        filters.append((CLAIM, Claimable(tuple(filters))))
    return Rules(
        filters=filters,
        weighers=plugins.load("weighers", options.enabled_weighers, conf),
        subset_size=options.host_subset_size,
        shuffle_best=options.shuffle_best_same_weighed_hosts,
    )
