"""Services, hypervisors and availability zones of this zone."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from oslo_config import cfg

from minicloud.context import RequestContext
from minicloud.db import aggregates, hosts, services
from minicloud.db.engine import Database
from minicloud.db.listing import InZone
from minicloud.db.models import ComputeNode, Service
from minicloud.errors import BadRequest, HypervisorNotFound
from minicloud.servicegroup.base import COMPUTE, Standing, Store
from minicloud.zones.base import (
    HostUse,
    HypervisorView,
    NewServers,
    Page,
    ServiceView,
    ZoneView,
)

INTERNAL = "internal"  # the zone of control services


class Heard(Protocol):
    """What is asked of the service group here."""

    def get_all(self, group: str) -> set[str]: ...

    def standings(self, group: str) -> Mapping[str, Standing]: ...

    def store(self) -> Store: ...


class LocalHosts:
    def __init__(self, conf: cfg.ConfigOpts, database: Database, group: Heard) -> None:
        self._database, self._group = database, group
        self._default_zone: str = conf.filter_scheduler.default_availability_zone

    def services(
        self, context: RequestContext, *, host: str | None = None, binary: str | None = None
    ) -> list[ServiceView]:
        rows, zones = self._database.read(
            lambda db: (services.of_group(db, binary, host), aggregates.zones(db))
        )
        known = {group: self._group.standings(group) for group in {row.binary for row in rows}}
        unheard = Standing(False, None, None, self._group.store().driver)
        return [
            ServiceView(row, known[row.binary].get(row.host, unheard), self._zone(row, zones))
            for row in rows
        ]

    def service_store(self, context: RequestContext) -> Store:
        return self._group.store()

    def hypervisors(self, context: RequestContext, page: Page) -> list[HypervisorView]:
        after = self._marker(page.marker)
        return self._with_services(
            self._database.read(lambda db: hosts.page(db, page.limit, after_id=after))
        )

    def hypervisor(self, context: RequestContext, ref: str) -> HypervisorView:
        found = self._with_services(self._database.read(lambda db: hosts.page(db, 1, ref=ref)))
        if not found:
            raise HypervisorNotFound(ref)
        return found[0]

    def servers_on(
        self, context: RequestContext, hosts_: Sequence[str]
    ) -> dict[str, list[tuple[int, str]]]:
        return self._database.read(lambda db: hosts.servers_on(db, hosts_)) if hosts_ else {}

    def use(self, context: RequestContext, host: str) -> tuple[ComputeNode, list[HostUse]] | None:
        node, shares = self._database.read(
            lambda db: (hosts.named(db, host), hosts.shares(db, host))
        )
        return (node, [HostUse(*share) for share in shares]) if node else None

    def availability_zones(self, context: RequestContext) -> list[ZoneView]:
        zones: dict[str, dict[str, dict[str, ServiceView]]] = {}
        for view in self.services(context):
            hosts_of_zone = zones.setdefault(view.zone, {})
            hosts_of_zone.setdefault(view.row.host, {})[view.row.binary] = view
        found = [
            ZoneView(name, self._is_available(members), members)
            for name, members in sorted(zones.items())
        ]
        return sorted(found, key=lambda zone: not zone.available)

    def zone_names(self) -> set[str]:
        """The zones that instances can be asked into."""
        rows, zones = self._database.read(
            lambda db: (services.of_group(db, COMPUTE), aggregates.zones(db))
        )
        return {self._zone(row, zones) for row in rows if not row.disabled}

    def in_zone(self, name: str) -> InZone:
        """What a list of servers of this zone is narrowed to."""
        zones = self._database.read(aggregates.zones)
        members = frozenset(host for host, zone in zones.items() if zone == name)
        is_default = name == self._default_zone
        return InZone(name, members, frozenset(zones) - members if is_default else None)

    def of_instances(self, names: set[str]) -> dict[str, tuple[str, str]]:
        """host -> (availability zone, host_status) of these hosts."""
        if not names:
            return {}
        rows, zones = self._database.read(
            lambda db: (services.of_group(db, COMPUTE), aggregates.zones(db))
        )
        up = self._group.get_all(COMPUTE)
        return {
            row.host: (self._zone(row, zones), _host_status(row, row.host in up))
            for row in rows
            if row.host in names
        }

    def _with_services(self, nodes: Sequence[ComputeNode]) -> list[HypervisorView]:
        if not nodes:
            return []
        rows = self._database.read(lambda db: services.of_group(db, COMPUTE))
        by_host = {row.host: row for row in rows}
        up = self._group.get_all(COMPUTE)
        return [
            HypervisorView(node, by_host[node.host], node.host in up)
            for node in nodes
            if node.host in by_host
        ]

    def check_zone(self, wanted: NewServers) -> None:
        """BadRequest for a zone that there is not; a forced host may be in any."""
        zone = wanted.availability_zone
        if zone and not wanted.force_host and zone not in self.zone_names():
            raise BadRequest("The requested availability zone is not available")

    def _marker(self, ref: str | None) -> int:
        if ref is None:
            return 0
        found = self._database.read(lambda db: hosts.page(db, 1, ref=ref))
        if not found:
            raise BadRequest(f"marker [{ref}] not found")
        return found[0].id

    def _zone(self, row: Service, zones: dict[str, str]) -> str:
        if row.binary != COMPUTE:
            return INTERNAL
        return zones.get(row.host, self._default_zone)

    @staticmethod
    def _is_available(members: dict[str, dict[str, ServiceView]]) -> bool:
        views = [view for binaries in members.values() for view in binaries.values()]
        return any(not view.row.disabled for view in views)


def _host_status(row: Service, up: bool) -> str:
    if row.forced_down:
        return "DOWN"
    if not up:
        return "UNKNOWN"
    return "MAINTENANCE" if row.disabled else "UP"
