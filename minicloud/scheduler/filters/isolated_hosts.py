"""Hosts that are kept for certain images, and images that go nowhere else."""

from collections.abc import Sequence

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class IsolatedHostsFilter:
    """Isolated images go to isolated hosts only; whether others may go there too, an option says.

    Without isolated images there is nobody to keep the hosts for but by that option.
    """

    run_on_rebuild = True
    reads_image = True  # requests for several images are not alike

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        options = conf.filter_scheduler
        self._images = frozenset(options.isolated_images)
        self._is_strict: bool = options.restrict_isolated_hosts_to_isolated_images
        self.named_hosts: Sequence[str] = tuple(options.isolated_hosts)

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        isolated = hosts.mask_of(self.named_hosts)
        if request.image_id in self._images:
            return isolated
        return ~isolated if self._is_strict else isolated | True

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        wanted = "isolated" if request.image_id in self._images else "not isolated"
        is_isolated = hosts.mask_of(self.named_hosts)[place]
        return Measure(wanted, "isolated" if is_isolated else "not isolated")
