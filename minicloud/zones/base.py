"""What API handlers ask of a zone. A zone is a whole deployment; a tree of zones is one too.

The verbs are grouped by noun. Each takes the caller's RequestContext first: a zone shows a project
its own instances only, unless the caller passes a wider `Scope`. Values that come back are rows of
db/models/, detached from any session; a zone reached over the network builds them itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.db.listing import InZone
from minicloud.db.tags import TagFilters
from minicloud.servicegroup.base import Standing, Store
from minicloud.zones.acts import Acts
from minicloud.zones.consoles import Consoles
from minicloud.zones.flavors import Flavors
from minicloud.zones.guests import Guests
from minicloud.zones.key_pairs import KeyPairs
from minicloud.zones.labels import Labels
from minicloud.zones.migrations import Migrations
from minicloud.zones.networks import Networks
from minicloud.zones.quotas import Quotas
from minicloud.zones.scheduling import Scheduling
from minicloud.zones.server_groups import ServerGroups
from minicloud.zones.services import Services
from minicloud.zones.usages import Usages

if TYPE_CHECKING:
    from minicloud.zones.images import Images


@dataclass(frozen=True)
class Page:
    """One page of a sorted list. `marker` is the id of the last item of the page before."""

    limit: int
    marker: str | None = None
    sort: Sequence[tuple[str, str]] = (("created_at", "desc"),)  # (key, "asc" | "desc")


@dataclass(frozen=True)
class ServerFilters:
    """What a listing of servers is narrowed to; None: not narrowed by this."""

    project_id: str | None = None  # None: all projects
    deleted: bool | None = False  # None: both
    vm_states: frozenset[str] | None = None  # together with in_task: either fits
    in_task: frozenset[tuple[str, str]] = frozenset()
    name: str | None = None  # regular expression
    changes_since: datetime | None = None
    changes_before: datetime | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)  # column of Instance -> value
    flavor_id: str | None = None
    locked: bool | None = None
    tags: TagFilters = field(default_factory=TagFilters)
    soft_deleted: bool | None = None  # None: shown where asked for by vm_state, or with `deleted`
    progress: int | None = None
    ip: str | None = None  # regular expression, from the beginning of an address
    ip6: str | None = None
    zone: InZone | None = None  # made of the availability_zone in `equal`


@dataclass(frozen=True)
class WishedInterface:
    """An interface that a new server is to have."""

    network: str  # id
    fixed_ip: str | None = None
    tag: str | None = None


@dataclass(frozen=True)
class Once:
    """A key under which a request is done once only, and what tells its body from others."""

    key: str
    body_hash: str


@dataclass(frozen=True)
class NewServers:
    """A request for one or more equal servers."""

    name: str
    flavor: str  # flavor id
    image: str | None
    min_count: int = 1
    max_count: int = 1
    description: str | None = None
    availability_zone: str | None = None  # plain zone
    force_host: str | None = None  # by zone:host:node: filters are skipped
    force_node: str | None = None
    requested_host: str | None = None  # by host and hypervisor_hostname (2.74): filters stay
    requested_node: str | None = None
    hints: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, str] = field(default_factory=dict)
    key_name: str | None = None
    tags: Sequence[str] = ()
    user_data: str | None = None
    config_drive: bool = False
    hostname: str | None = None
    access_ip_v4: str | None = None
    access_ip_v6: str | None = None
    disk_config: str = "MANUAL"
    interfaces: Sequence[WishedInterface] | None = None  # None: one on the first network
    security_groups: Sequence[str] = ("default",)
    once: Once | None = None
    zero_disk: bool = True  # the caller may have a disk that only the image bounds


@dataclass(frozen=True)
class Created:
    """`replayed`: an earlier request under the same key has made them."""

    reservation_id: str
    servers: Sequence[models.Instance]
    replayed: bool = False


@dataclass(slots=True)
class ServerView:
    """A server with what its representation needs besides the row; made by the thousand."""

    row: models.Instance
    fault: models.InstanceFault | None
    zone_of_host: str | None  # availability zone of its host
    host_status: str  # UP, DOWN, UNKNOWN, MAINTENANCE or ""
    user_data: str | None = None  # with `show`, and where a list is asked for it
    hints: Mapping[str, Any] = field(default_factory=dict)  # scheduler hints
    security_groups: Sequence[str] = ()
    image_properties: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    group: str | None = None  # uuid of its server group, with `show` only
    explanation: Mapping[str, Any] | None = None  # why it got no host, likewise


@dataclass(frozen=True)
class ActionView:
    row: models.InstanceAction
    events: Sequence[models.InstanceEvent]


@dataclass(frozen=True)
class ServiceView:
    """`standing`: what whoever keeps the service group knows of it."""

    row: models.Service
    standing: Standing
    zone: str

    @property
    def up(self) -> bool:
        return self.standing.up and not self.row.forced_down


@dataclass(frozen=True)
class HypervisorView:
    node: models.ComputeNode
    service: models.Service
    up: bool


@dataclass(frozen=True)
class HostUse:
    """What the servers of one project take on a host."""

    project_id: str
    vcpus: int
    memory_mb: int
    disk_gb: int


@dataclass(frozen=True)
class ZoneView:
    """An availability zone: hosts -> binary -> service."""

    name: str
    available: bool
    hosts: Mapping[str, Mapping[str, ServiceView]]


@dataclass(frozen=True)
class AggregateView:
    row: models.Aggregate
    hosts: Sequence[str]


@dataclass(frozen=True)
class Usage:
    instances: int
    cores: int
    ram_mb: int
    server_groups: int = 0


@dataclass(frozen=True)
class ActionFilters:
    """Which part of the log of a server."""

    limit: int = 1000
    marker: str | None = None  # a request id
    changes_since: datetime | None = None
    changes_before: datetime | None = None


NO_FILTERS: Final = ActionFilters()


class Servers(Protocol):
    def create(self, context: RequestContext, wanted: NewServers) -> Created:
        """Write the intent. BadRequest, OverQuota, IdempotencyKeyReused."""

    def check_room(self, context: RequestContext, wanted: NewServers) -> None:
        """Raise what `create` would raise now, at the price of a look: nothing is locked.

        It may let pass what `create` refuses.
        """

    def find(
        self,
        context: RequestContext,
        uuid: str,
        *,
        anywhere: bool = False,
        deleted: bool = False,
    ) -> models.Instance:
        """The row alone. `anywhere`: of any project; `deleted`: even then. ServerNotFound."""

    def show(
        self, context: RequestContext, uuid: str, *, anywhere: bool = False
    ) -> ServerView: ...

    def list(
        self,
        context: RequestContext,
        filters: ServerFilters,
        page: Page,
        *,
        detail: bool,
        user_data: bool = False,
    ) -> Sequence[ServerView]:
        """BadRequest for an unknown marker. `user_data`: with it, in detail."""

    def update(self, context: RequestContext, uuid: str, changes: Mapping[str, Any]) -> ServerView:
        """Set columns of the row (display_name, display_description, access addresses)."""

    def console_output(
        self, context: RequestContext, server: models.Instance, lines: int | None
    ) -> str:
        """InstanceNotReady without a host, ConsoleLogNotFound, Unavailable."""

    def actions(
        self, context: RequestContext, uuid: str, wanted: ActionFilters = NO_FILTERS
    ) -> Sequence[models.InstanceAction]:
        """Newest first; also of a server that is deleted. ServerNotFound, BadRequest."""

    def action(self, context: RequestContext, uuid: str, request_id: str) -> ActionView:
        """ServerNotFound, ActionNotFound."""


class Hosts(Protocol):
    def services(
        self, context: RequestContext, *, host: str | None = None, binary: str | None = None
    ) -> Sequence[ServiceView]: ...

    def service_store(self, context: RequestContext) -> Store:
        """What says which services live, and whether it could be read lately."""

    def hypervisors(self, context: RequestContext, page: Page) -> Sequence[HypervisorView]:
        """By id; the marker is an id or a uuid."""

    def hypervisor(self, context: RequestContext, ref: str) -> HypervisorView:
        """By id (a number) or uuid. HypervisorNotFound."""

    def servers_on(
        self, context: RequestContext, hosts: Sequence[str]
    ) -> Mapping[str, Sequence[tuple[int, str]]]:
        """host -> (id, uuid) of each server on it, oldest first."""

    def use(
        self, context: RequestContext, host: str
    ) -> tuple[models.ComputeNode, Sequence[HostUse]] | None:
        """What a host has, and who takes what of it, by project."""

    def availability_zones(self, context: RequestContext) -> Sequence[ZoneView]:
        """Those with a host in service first."""


class Aggregates(Protocol):
    """An aggregate is named by its number; AggregateNotFound."""

    def list(self, context: RequestContext) -> Sequence[AggregateView]: ...

    def show(self, context: RequestContext, ref: int) -> AggregateView: ...

    def create(self, context: RequestContext, name: str, zone: str | None) -> AggregateView:
        """AggregateExists."""

    def update(
        self, context: RequestContext, ref: int, name: str | None, meta: Mapping[str, str | None]
    ) -> AggregateView:
        """Set the name and keys of the metadata; a value None takes the key away. Conflict."""

    def delete(self, context: RequestContext, ref: int) -> None:
        """BadRequest while it has hosts."""

    def add_host(self, context: RequestContext, ref: int, host: str) -> AggregateView:
        """NotFound for an unknown host; Conflict."""

    def remove_host(self, context: RequestContext, ref: int, host: str) -> AggregateView:
        """NotFound, Conflict."""


class Limits(Protocol):
    def usage(self, context: RequestContext, project_id: str) -> Usage: ...

    def absolute(self, context: RequestContext, project_id: str) -> Mapping[str, int]:
        """The project's limits by the quota's resource name: instances, cores, ram, ..."""


class Zone(Protocol):
    @property
    def servers(self) -> Servers: ...

    @property
    def acts(self) -> Acts: ...

    @property
    def consoles(self) -> Consoles: ...

    @property
    def flavors(self) -> Flavors: ...

    @property
    def aggregates(self) -> Aggregates: ...

    @property
    def guests(self) -> Guests: ...

    @property
    def hosts(self) -> Hosts: ...

    @property
    def images(self) -> "Images": ...

    @property
    def key_pairs(self) -> KeyPairs: ...

    @property
    def labels(self) -> Labels: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def migrations(self) -> Migrations: ...

    @property
    def networks(self) -> Networks: ...

    @property
    def quotas(self) -> Quotas: ...

    @property
    def scheduling(self) -> Scheduling: ...

    @property
    def usages(self) -> Usages: ...

    @property
    def server_groups(self) -> ServerGroups: ...

    @property
    def services(self) -> Services: ...


@dataclass(frozen=True)
class ZoneHolder:
    """The zone that a program serves, as a part that can be looked up by type."""

    zone: Zone
