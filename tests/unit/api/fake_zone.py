"""A zone in memory: frozen data, and a note of what was asked of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones import base, migrations, quotas, usages
from minicloud.zones.images import ImageFilters
from minicloud.zones.key_pairs import MadeKeyPair, NewKeyPair
from minicloud.zones.server_groups import ServerGroupView

T0: Final = datetime(2026, 1, 31, 12, 0, 0, 123456)
IMAGE: Final = "11111111-2222-4333-8444-555555555555"
OWN: Final = "aaaaaaaa-0000-4000-8000-000000000001"
BUILDING: Final = "aaaaaaaa-0000-4000-8000-000000000002"
BROKEN: Final = "aaaaaaaa-0000-4000-8000-000000000003"
FOREIGN: Final = "bbbbbbbb-0000-4000-8000-000000000009"
NODE: Final = "cccccccc-0000-4000-8000-000000000001"
GROUP: Final = "ffffffff-0000-4000-8000-000000000001"
REQUEST: Final = "req-dddddddd-0000-4000-8000-000000000001"


def instance(number: int, uuid: str, project_id: str = "p1", **changes: Any) -> models.Instance:
    values: dict[str, Any] = {
        "id": number,
        "uuid": uuid,
        "project_id": project_id,
        "user_id": "alice",
        "reservation_id": "r-1",
        "launch_index": 0,
        "display_name": f"server-{number}",
        "display_description": "said so",
        "hostname": f"server-{number}",
        "image_ref": IMAGE,
        "flavor": {
            "flavorid": "1",
            "name": "m1.tiny",
            "vcpus": 1,
            "memory_mb": 512,
            "root_gb": 1,
            "ephemeral_gb": 0,
            "swap_mb": 0,
            "extra_specs": {"hw:a": "b"},
        },
        "vcpus": 1,
        "memory_mb": 512,
        "key_name": None,
        "config_drive": False,
        "access_ip_v4": None,
        "access_ip_v6": None,
        "meta": {"color": "blue"},
        "availability_zone": None,
        "vm_state": "active",
        "task_state": None,
        "power_state": 1,
        "host": "host-1",
        "node": "node-1",
        "locked_by": None,
        "locked_reason": None,
        "disk_config": "MANUAL",
        "addresses": None,
        "created_at": T0 + timedelta(seconds=number),
        "updated_at": T0 + timedelta(minutes=number),
        "launched_at": T0,
        "terminated_at": None,
        "deleted": 0,
    }
    return models.Instance(**(values | changes))


def _rows() -> list[models.Instance]:
    unplaced: dict[str, Any] = {"host": None, "node": None, "launched_at": None}
    return [
        instance(1, OWN),
        instance(2, BUILDING, vm_state="building", task_state="scheduling", **unplaced),
        instance(3, BROKEN, vm_state="error", **unplaced),
        instance(9, FOREIGN, project_id="p2", user_id="bob"),
    ]


def _fault() -> models.InstanceFault:
    return models.InstanceFault(
        id=1,
        instance_uuid=BROKEN,
        code=500,
        machine_code="NO_VALID_HOST",
        message="No valid host was found. ",
        details={"ram": 3},
        created_at=T0,
    )


@dataclass
class FakeServers:
    rows: list[models.Instance] = field(default_factory=_rows)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    refusal: Exception | None = None

    def _note(self, *what: Any) -> None:
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal

    def _view(self, row: models.Instance) -> base.ServerView:
        fault = _fault() if row.uuid == BROKEN else None
        if row.host is None:
            return base.ServerView(row, fault, None, "")
        return base.ServerView(row, fault, "nova", "UP", "aGk=", {"query": "[]"})

    def create(self, context: RequestContext, wanted: base.NewServers) -> base.Created:
        self._note("create", wanted)
        if wanted.availability_zone == "nowhere" and not wanted.force_host:
            raise errors.BadRequest("The requested availability zone is not available")
        if wanted.flavor == "none":
            raise errors.FlavorNotFound(wanted.flavor)
        new = "aaaaaaaa-0000-4000-8000-00000000000f"
        return base.Created("r-new", [instance(15, new, context.project_id)])

    def find(
        self, context: RequestContext, uuid: str, *, anywhere: bool = False
    ) -> models.Instance:
        self._note("find", uuid)
        for row in self.rows:
            if row.uuid == uuid and (anywhere or row.project_id == context.project_id):
                return row
        raise errors.ServerNotFound(uuid)

    def show(
        self, context: RequestContext, uuid: str, *, anywhere: bool = False
    ) -> base.ServerView:
        return self._view(self.find(context, uuid, anywhere=anywhere))

    def list(
        self,
        context: RequestContext,
        filters: base.ServerFilters,
        page: base.Page,
        *,
        detail: bool,
        user_data: bool = False,
    ) -> Sequence[base.ServerView]:
        self._note("list", filters, page)
        rows = [row for row in self.rows if filters.project_id in (None, row.project_id)]
        for column, value in filters.equal.items():
            rows = [row for row in rows if getattr(row, column) == value]
        if page.marker is not None:
            places = [i for i, row in enumerate(rows) if row.uuid == page.marker]
            if not places:
                raise errors.BadRequest(f"marker [{page.marker}] not found")
            rows = rows[places[0] + 1 :]
        return [self._view(row) for row in rows[: page.limit]]

    def update(
        self, context: RequestContext, uuid: str, changes: Mapping[str, Any]
    ) -> base.ServerView:
        self._note("update", uuid, dict(changes))
        row = next(row for row in self.rows if row.uuid == uuid)
        for column, value in changes.items():
            setattr(row, column, value)
        return self._view(row)

    def delete(self, context: RequestContext, server: models.Instance) -> None:
        self._note("delete", server.uuid)

    def act(
        self,
        context: RequestContext,
        server: models.Instance,
        action: str,
        wish: Mapping[str, Any] | None = None,
    ) -> None:
        self._note("act", server.uuid, action, *([dict(wish)] if wish else []))

    def lock(self, context: RequestContext, server: models.Instance, reason: str | None) -> None:
        self._note("lock", server.uuid, reason)

    def unlock(
        self,
        context: RequestContext,
        server: models.Instance,
        may: Callable[[models.Instance], None] | None = None,
    ) -> None:
        if may is not None:
            may(server)
        self._note("unlock", server.uuid)

    def reset_state(self, context: RequestContext, server: models.Instance, vm_state: str) -> None:
        self._note("reset_state", server.uuid, vm_state)

    def abort_migration(
        self, context: RequestContext, server: models.Instance, migration_id: int
    ) -> None:
        self._note("abort", server.uuid, migration_id)

    def force_complete_migration(
        self, context: RequestContext, server: models.Instance, migration_id: int
    ) -> None:
        self._note("force_complete", server.uuid, migration_id)

    def console_output(
        self, context: RequestContext, server: models.Instance, lines: int | None
    ) -> str:
        self._note("console", server.uuid, lines)
        return "login:\x1b\x00 ok\n"

    def actions(self, context: RequestContext, uuid: str) -> Sequence[models.InstanceAction]:
        return [_action(2, "req-2"), _action(1, REQUEST)] if uuid == OWN else []

    def action(self, context: RequestContext, uuid: str, request_id: str) -> base.ActionView:
        if request_id != REQUEST:
            raise errors.ActionNotFound(request_id, uuid)
        event = models.InstanceEvent(
            id=1,
            action_id=1,
            event="compute__do_build_and_run_instance",
            start_time=T0,
            finish_time=T0,
            result="Error",
            details="no room",
            host="host-1",
        )
        return base.ActionView(_action(1, REQUEST), [event])


def _action(number: int, request_id: str) -> models.InstanceAction:
    return models.InstanceAction(
        id=number,
        instance_uuid=OWN,
        action="create",
        request_id=request_id,
        user_id="alice",
        project_id="p1",
        start_time=T0,
        updated_at=T0 + timedelta(hours=number),
        finish_time=None,
        message=None,
    )


def flavor(number: int, *, public: bool = True) -> models.Flavor:
    return models.Flavor(
        id=number,
        flavorid=str(number),
        name=f"m1.{number}",
        description=None,
        vcpus=1,
        memory_mb=512,
        root_gb=1,
        ephemeral_gb=0,
        swap_mb=0,
        rxtx_factor=1.0,
        is_public=public,
        disabled=False,
        extra_specs={"hw:a": "b"},
        created_at=T0,
    )


@dataclass
class FakeFlavors:
    rows: list[models.Flavor] = field(
        default_factory=lambda: [flavor(1), flavor(2), flavor(3, public=False)]
    )
    filters: Mapping[str, Any] = field(default_factory=dict)

    def list(
        self, context: RequestContext, filters: Mapping[str, Any], page: base.Page
    ) -> Sequence[models.Flavor]:
        self.filters = filters
        public = filters.get("is_public")
        return [row for row in self.rows if public in (None, row.is_public)][: page.limit]

    def show(
        self, context: RequestContext, flavorid: str, *, anywhere: bool = False
    ) -> models.Flavor:
        for row in self.rows:
            if row.flavorid == flavorid and (row.is_public or anywhere):
                return row
        raise errors.FlavorNotFound(flavorid)

    def describe(
        self, context: RequestContext, flavorid: str, description: str | None
    ) -> models.Flavor:
        return self.show(context, flavorid, anywhere=True)

    def access(self, context: RequestContext, flavorid: str) -> Sequence[str]:
        self.show(context, flavorid, anywhere=True)
        return ["p2"]

    def add_access(
        self, context: RequestContext, flavorid: str, project_id: str, *, to_public: bool
    ) -> Sequence[str]:
        return [*self.access(context, flavorid), project_id]

    def remove_access(
        self, context: RequestContext, flavorid: str, project_id: str
    ) -> Sequence[str]:
        return self.access(context, flavorid)

    def create(self, context: RequestContext, facts: Mapping[str, Any]) -> models.Flavor:
        return self.rows[0]

    def delete(self, context: RequestContext, flavorid: str) -> None:
        self.show(context, flavorid)

    def set_specs(
        self, context: RequestContext, flavorid: str, changes: Mapping[str, str]
    ) -> None:
        self.show(context, flavorid)

    def delete_spec(self, context: RequestContext, flavorid: str, key: str) -> None:
        self.show(context, flavorid)


def service(binary: str = "nova-compute", host: str = "host-1") -> models.Service:
    return models.Service(
        id=7,
        uuid="eeeeeeee-0000-4000-8000-000000000007",
        binary=binary,
        host=host,
        disabled=False,
        disabled_reason=None,
        forced_down=False,
        last_seen_up=T0,
        created_at=T0,
        updated_at=T0,
    )


def node() -> models.ComputeNode:
    return models.ComputeNode(
        id=5,
        uuid=NODE,
        host="host-1",
        node="node-1",
        agent="agent-1",
        host_ip="127.0.0.1",
        hypervisor_type="fake",
        hypervisor_version=1000,
        cpu_info={"arch": "x86_64"},
        supported_instances=[],
        vcpus=8,
        memory_mb=8192,
        disk_gb=100,
        reserved_memory_mb=512,
        reserved_disk_gb=0,
        vcpus_used=1,
        memory_mb_used=512,
        disk_gb_used=1,
        num_instances=1,
        num_io_ops=0,
    )


@dataclass
class FakeHosts:
    def services(
        self, context: RequestContext, *, host: str | None = None, binary: str | None = None
    ) -> Sequence[base.ServiceView]:
        row = service()
        fits = host in (None, row.host) and binary in (None, row.binary)
        return [base.ServiceView(row, True, "nova")] if fits else []

    def hypervisors(
        self, context: RequestContext, page: base.Page
    ) -> Sequence[base.HypervisorView]:
        return [base.HypervisorView(node(), service(), True)][: page.limit]

    def hypervisor(self, context: RequestContext, ref: str) -> base.HypervisorView:
        if ref not in ("5", NODE):
            raise errors.HypervisorNotFound(ref)
        return base.HypervisorView(node(), service(), True)

    def servers_on(
        self, context: RequestContext, hosts: Sequence[str]
    ) -> Mapping[str, Sequence[tuple[int, str]]]:
        return {"host-1": [(1, OWN)]}

    def use(
        self, context: RequestContext, host: str
    ) -> tuple[models.ComputeNode, Sequence[base.HostUse]] | None:
        return (node(), [base.HostUse("p1", 1, 512, 1)]) if host == "host-1" else None

    def availability_zones(self, context: RequestContext) -> Sequence[base.ZoneView]:
        inside = base.ServiceView(service("nova-conductor", "ctl"), True, "internal")
        hosts = {"host-1": {"nova-compute": base.ServiceView(service(), True, "nova")}}
        return [
            base.ZoneView("internal", True, {"ctl": {"nova-conductor": inside}}),
            base.ZoneView("nova", True, hosts),
            base.ZoneView("dark", False, {}),
        ]


@dataclass
class FakeLimits:
    def usage(self, context: RequestContext, project_id: str) -> base.Usage:
        return base.Usage(2, 3, 1024)

    def absolute(self, context: RequestContext, project_id: str) -> Mapping[str, int]:
        return {"instances": 10, "cores": 20, "ram": 51200, "metadata_items": 128}


class FakeQuotas:
    """What tests/functional/test_quota_sets.py does with real books, frozen."""

    def show(
        self, context: RequestContext, project_id: str, user_id: str | None
    ) -> Mapping[str, quotas.Allowance]:
        return {"cores": quotas.Allowance(20, 3)}

    def update(
        self,
        context: RequestContext,
        project_id: str,
        user_id: str | None,
        changes: Mapping[str, int],
        *,
        force: bool,
    ) -> Mapping[str, quotas.Allowance]:
        return {name: quotas.Allowance(limit, 0) for name, limit in changes.items()}

    def delete(self, context: RequestContext, project_id: str, user_id: str | None) -> None:
        pass

    def defaults(self, context: RequestContext) -> Mapping[str, int]:
        return {"cores": 20}

    def show_class(self, context: RequestContext, name: str) -> Mapping[str, int]:
        return {"cores": 20}

    def update_class(
        self, context: RequestContext, name: str, changes: Mapping[str, int]
    ) -> Mapping[str, int]:
        return changes


class FakeMigrations:
    """One that is over; tests/functional/test_migrations.py has more."""

    def list(
        self, context: RequestContext, filters: migrations.MigrationFilters, page: base.Page
    ) -> Sequence[migrations.MigrationView]:
        row = models.Migration(
            id=1,
            uuid=str(UUID(int=1)),
            instance_uuid=OWN,
            migration_type="migration",
            status="confirmed",
            source_compute="host-1",
            source_node="node-1",
            old_flavor={},
            new_flavor={},
            user_id="alice",
            project_id="p1",
            created_at=T0,
            updated_at=T0,
        )
        return [migrations.MigrationView(row, None)]

    def of_server(
        self, context: RequestContext, server: models.Instance
    ) -> Sequence[migrations.MigrationView]:
        return []

    def one(
        self, context: RequestContext, server: models.Instance, ref: str
    ) -> migrations.MigrationView:
        raise errors.MigrationNotFound(ref, server.uuid)


class FakeGuests:
    def hosts_of(self, context: RequestContext, uuids: Sequence[str]) -> Mapping[str, str | None]:
        return dict.fromkeys(uuids, "host-1")

    def node_of(self, context: RequestContext, server: models.Instance) -> models.ComputeNode:
        return node()


class FakeUsages:
    """Nothing ran; tests/functional/test_usages.py has servers."""

    def now(self, context: RequestContext) -> datetime:
        return T0

    def list(
        self, context: RequestContext, begin: datetime, end: datetime, **narrowed: Any
    ) -> list[usages.Run]:
        return []


class FakeAggregates:
    """One without hosts; tests/functional/test_aggregates.py has real ones."""

    def list(self, context: RequestContext) -> list[base.AggregateView]:
        row = models.Aggregate(
            id=1, uuid=str(UUID(int=1)), name="fast-io", meta={}, created_at=T0, updated_at=T0
        )
        return [base.AggregateView(row, [])]

    def show(self, context: RequestContext, ref: int) -> base.AggregateView:
        if ref != 1:
            raise errors.AggregateNotFound(ref)
        return self.list(context)[0]

    def create(self, context: RequestContext, name: str, zone: str | None) -> base.AggregateView:
        return self.show(context, 1)

    def update(
        self, context: RequestContext, ref: int, name: str | None, meta: Mapping[str, str | None]
    ) -> base.AggregateView:
        return self.show(context, ref)

    def delete(self, context: RequestContext, ref: int) -> None:
        self.show(context, ref)

    def add_host(self, context: RequestContext, ref: int, host: str) -> base.AggregateView:
        return self.show(context, ref)

    def remove_host(self, context: RequestContext, ref: int, host: str) -> base.AggregateView:
        return self.show(context, ref)


class FakeImages:
    """None at all; tests/functional/test_image_proxy.py has real ones."""

    def list(
        self, context: RequestContext, filters: ImageFilters, page: base.Page
    ) -> Sequence[models.Image]:
        return []

    def show(self, context: RequestContext, image_id: str) -> models.Image:
        raise errors.ImageNotFound(image_id)

    def delete(self, context: RequestContext, image_id: str) -> None:
        self.show(context, image_id)

    def set_properties(
        self, context: RequestContext, image: models.Image, properties: Mapping[str, str]
    ) -> models.Image:
        return self.show(context, image.id)


class FakeKeyPairs:
    """One, of everybody; tests/functional/test_keypairs.py has real ones."""

    def list(
        self, context: RequestContext, user_id: str, limit: int | None, marker: str | None
    ) -> list[models.KeyPair]:
        facts = {"type": "ssh", "public_key": "ssh-rsa AAAA", "fingerprint": "00:11"}
        return [models.KeyPair(id=1, name="mine", user_id=user_id, created_at=T0, **facts)]

    def show(self, context: RequestContext, user_id: str, name: str) -> models.KeyPair:
        if name != "mine":
            raise errors.KeyPairNotFound(name, user_id)
        return self.list(context, user_id, None, None)[0]

    def create(self, context: RequestContext, user_id: str, wanted: NewKeyPair) -> MadeKeyPair:
        return MadeKeyPair(self.show(context, user_id, "mine"), None)

    def delete(self, context: RequestContext, user_id: str, name: str) -> None:
        self.show(context, user_id, name)


class FakeLabels:
    """Nothing is kept; tests/functional/test_server_labels.py has the real ones."""

    def merge_metadata(
        self, context: RequestContext, server: models.Instance, items: Mapping[str, str]
    ) -> Mapping[str, str]:
        return {**server.meta, **items}

    def replace_metadata(
        self, context: RequestContext, server: models.Instance, items: Mapping[str, str]
    ) -> Mapping[str, str]:
        return items

    def delete_metadata(
        self, context: RequestContext, server: models.Instance, key: str
    ) -> None: ...

    def tags(self, context: RequestContext, server: models.Instance) -> Sequence[str]:
        return []

    def replace_tags(
        self, context: RequestContext, server: models.Instance, tags: Sequence[str]
    ) -> Sequence[str]:
        return tags

    def clear_tags(self, context: RequestContext, server: models.Instance) -> None: ...

    def add_tag(self, context: RequestContext, server: models.Instance, tag: str) -> bool:
        return True

    def delete_tag(self, context: RequestContext, server: models.Instance, tag: str) -> None: ...


class FakeServerGroups:
    """One of p1; tests/functional/test_server_groups.py has real ones."""

    def list(
        self, context: RequestContext, limit: int, offset: int, *, everywhere: bool = False
    ) -> list[ServerGroupView]:
        row = models.ServerGroup(
            id=1,
            uuid=GROUP,
            project_id="p1",
            user_id="alice",
            name="apart",
            policy="anti-affinity",
            rules={},
            created_at=T0,
        )
        return [ServerGroupView(row, [OWN])]

    def show(
        self, context: RequestContext, uuid: str, *, anywhere: bool = False
    ) -> ServerGroupView:
        if uuid != GROUP or not (anywhere or context.project_id == "p1"):
            raise errors.ServerGroupNotFound(uuid)
        return self.list(context, 1, 0)[0]

    def create(
        self, context: RequestContext, name: str, policy: str, rules: Mapping[str, Any]
    ) -> ServerGroupView:
        return self.list(context, 1, 0)[0]

    def delete(self, context: RequestContext, group: models.ServerGroup) -> None: ...


class FakeServices:
    """One; tests/functional/test_services.py has real ones."""

    def find(self, context: RequestContext, ref: str) -> models.Service:
        row = service()
        if ref not in (str(row.id), row.uuid):
            raise errors.ServiceNotFound(ref)
        return row

    def named(self, context: RequestContext, host: str, binary: str) -> models.Service:
        return service(binary, host)

    def change(
        self, context: RequestContext, service: models.Service, facts: Mapping[str, Any]
    ) -> None: ...

    def remove(self, context: RequestContext, service: models.Service) -> None: ...


@dataclass
class FakeConsoles:
    def open(self, context: RequestContext, server: models.Instance, kind: str) -> str:
        if server.host is None:
            raise errors.InstanceNotReady(server.uuid)
        return f"token-of-{kind}"

    def of_token(self, token: str) -> models.ConsoleToken:
        if not token.startswith("token-of-"):
            raise errors.ConsoleTokenNotFound
        kind = token.removeprefix("token-of-")
        return models.ConsoleToken(instance_uuid=OWN, console_type=kind, host="host-1")

    def read(self, token: str, lines: int) -> tuple[models.Instance, str]:
        self.of_token(token)
        return instance(1, OWN), "login:"


@dataclass
class FakeZone:
    consoles: FakeConsoles = field(default_factory=FakeConsoles)
    servers: FakeServers = field(default_factory=FakeServers)
    flavors: FakeFlavors = field(default_factory=FakeFlavors)
    guests: FakeGuests = field(default_factory=FakeGuests)
    hosts: FakeHosts = field(default_factory=FakeHosts)
    limits: FakeLimits = field(default_factory=FakeLimits)
    migrations: FakeMigrations = field(default_factory=FakeMigrations)
    quotas: FakeQuotas = field(default_factory=FakeQuotas)
    usages: FakeUsages = field(default_factory=FakeUsages)
    aggregates: FakeAggregates = field(default_factory=FakeAggregates)
    images: FakeImages = field(default_factory=FakeImages)
    key_pairs: FakeKeyPairs = field(default_factory=FakeKeyPairs)
    labels: FakeLabels = field(default_factory=FakeLabels)
    server_groups: FakeServerGroups = field(default_factory=FakeServerGroups)
    services: FakeServices = field(default_factory=FakeServices)

    @property
    def acts(self) -> FakeServers:
        return self.servers
