"""A zone in memory: frozen data, and a note of what was asked of it."""

from dataclasses import dataclass, field

from tests.unit.api.fake_zone.aggregates import FakeAggregates
from tests.unit.api.fake_zone.consoles import FakeConsoles
from tests.unit.api.fake_zone.flavors import FakeFlavors
from tests.unit.api.fake_zone.hosts import FakeGuests, FakeHosts, FakeServices
from tests.unit.api.fake_zone.images import FakeImages
from tests.unit.api.fake_zone.key_pairs import FakeKeyPairs
from tests.unit.api.fake_zone.labels import FakeLabels
from tests.unit.api.fake_zone.migrations import FakeMigrations
from tests.unit.api.fake_zone.networks import FakeNetworks
from tests.unit.api.fake_zone.quotas import FakeLimits, FakeQuotas, FakeUsages
from tests.unit.api.fake_zone.rows import (
    BROKEN,
    BUILDING,
    FOREIGN,
    GROUP,
    IMAGE,
    NODE,
    OWN,
    REQUEST,
)
from tests.unit.api.fake_zone.scheduling import FakeScheduling
from tests.unit.api.fake_zone.server_groups import FakeServerGroups
from tests.unit.api.fake_zone.servers import FakeServers

__all__ = ["BROKEN", "BUILDING", "FOREIGN", "GROUP", "IMAGE", "NODE", "OWN", "REQUEST", "FakeZone"]


@dataclass
class FakeZone:
    consoles: FakeConsoles = field(default_factory=FakeConsoles)
    servers: FakeServers = field(default_factory=FakeServers)
    flavors: FakeFlavors = field(default_factory=FakeFlavors)
    guests: FakeGuests = field(default_factory=FakeGuests)
    hosts: FakeHosts = field(default_factory=FakeHosts)
    limits: FakeLimits = field(default_factory=FakeLimits)
    migrations: FakeMigrations = field(default_factory=FakeMigrations)
    networks: FakeNetworks = field(default_factory=FakeNetworks)
    quotas: FakeQuotas = field(default_factory=FakeQuotas)
    usages: FakeUsages = field(default_factory=FakeUsages)
    aggregates: FakeAggregates = field(default_factory=FakeAggregates)
    images: FakeImages = field(default_factory=FakeImages)
    key_pairs: FakeKeyPairs = field(default_factory=FakeKeyPairs)
    labels: FakeLabels = field(default_factory=FakeLabels)
    scheduling: FakeScheduling = field(default_factory=FakeScheduling)
    server_groups: FakeServerGroups = field(default_factory=FakeServerGroups)
    services: FakeServices = field(default_factory=FakeServices)

    @property
    def acts(self) -> FakeServers:
        return self.servers
