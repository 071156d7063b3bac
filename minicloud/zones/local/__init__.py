"""The zone that is here: the verbs of zones/base.py on this deployment's database and bus."""

from oslo_config import cfg

from minicloud.db.engine import Database
from minicloud.rpc.compute import ComputeClient
from minicloud.runtime.store import Store
from minicloud.servicegroup.base import ServiceGroup
from minicloud.zones.local.acting import RefusedBy
from minicloud.zones.local.acts import LocalActs
from minicloud.zones.local.aggregates import LocalAggregates
from minicloud.zones.local.consoles import LocalConsoles
from minicloud.zones.local.flavors import LocalFlavors
from minicloud.zones.local.guests import LocalGuests
from minicloud.zones.local.hosts import LocalHosts
from minicloud.zones.local.images import LocalImages
from minicloud.zones.local.key_pairs import LocalKeyPairs
from minicloud.zones.local.labels import LocalLabels
from minicloud.zones.local.limits import LocalLimits
from minicloud.zones.local.migrations import LocalMigrations
from minicloud.zones.local.networks import LocalNetworks
from minicloud.zones.local.quotas import LocalQuotas
from minicloud.zones.local.scheduling import LocalScheduling
from minicloud.zones.local.server_groups import LocalServerGroups
from minicloud.zones.local.servers import LocalServers
from minicloud.zones.local.services import LocalServices
from minicloud.zones.local.usages import LocalUsages
from minicloud.zones.wakes import Wakes


class LocalZone:
    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        group: ServiceGroup,
        wakes: Wakes,
        compute: ComputeClient,
        refused_by: RefusedBy | None = None,
    ) -> None:
        """`refused_by`: the filter that refuses a server's host for another image, if any does."""
        self.aggregates = LocalAggregates(database)
        self.flavors = LocalFlavors(database)
        self.guests = LocalGuests(database)
        self.hosts = LocalHosts(conf, database, group)
        self.images = LocalImages(database, Store.of(conf))
        self.key_pairs = LocalKeyPairs(conf, database)
        self.labels = LocalLabels(conf, database)
        self.limits = LocalLimits(conf, database)
        self.acts = LocalActs(conf, database, self.hosts, wakes, refused_by)
        self.migrations = LocalMigrations(database)
        self.networks = LocalNetworks(conf)
        self.quotas = LocalQuotas(conf, database)
        self.scheduling = LocalScheduling(conf, database, self.hosts, wakes.conductor)
        self.server_groups = LocalServerGroups(conf, database)
        self.services = LocalServices(database)
        self.servers = LocalServers(conf, database, self.hosts, wakes, compute)
        self.consoles = LocalConsoles(conf, database, self.servers)
        self.usages = LocalUsages(database)
