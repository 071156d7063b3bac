"""One host with its service, and the zones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.servicegroup.base import Standing, Store
from minicloud.zones import base
from tests.unit.api.fake_zone.rows import NODE, OWN, T0

UP = Standing(True, T0, 0.0, "db")


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
        return [base.ServiceView(row, UP, "nova")] if fits else []

    def service_store(self, context: RequestContext) -> Store:
        return Store("db", "sqlite:///books")

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
        inside = base.ServiceView(service("nova-conductor", "ctl"), UP, "internal")
        hosts = {"host-1": {"nova-compute": base.ServiceView(service(), UP, "nova")}}
        return [
            base.ZoneView("internal", True, {"ctl": {"nova-conductor": inside}}),
            base.ZoneView("nova", True, hosts),
            base.ZoneView("dark", False, {}),
        ]


class FakeGuests:
    def hosts_of(self, context: RequestContext, uuids: Sequence[str]) -> Mapping[str, str | None]:
        return dict.fromkeys(uuids, "host-1")

    def node_of(self, context: RequestContext, server: models.Instance) -> models.ComputeNode:
        return node()


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
