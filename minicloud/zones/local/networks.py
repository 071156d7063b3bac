"""Networks of this zone: those of the options, for every project."""

from collections.abc import Sequence

from oslo_config import cfg

from minicloud import errors
from minicloud.conf.network import Network, networks
from minicloud.context import RequestContext


class LocalNetworks:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._networks = networks(conf)

    def list(self, context: RequestContext) -> Sequence[Network]:
        return self._networks

    def show(self, context: RequestContext, ref: str) -> Network:
        for network in self._networks:
            if network.id == ref:
                return network
        raise errors.NetworkNotFound(ref)
