"""Where the books contradict themselves: found by reading, to be looked at again under locks."""

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.hosts import Need
from minicloud.db.models import AggregateHost, ComputeNode, Instance, Migration, Service
from minicloud.instance_states import VmState

NODE: Final = ComputeNode
_MOST: Final = 100  # of one kind that are told
_COMPUTE: Final = "nova-compute"


def suspects(db: Session, after_id: int, limit: int) -> tuple[list[str], int | None]:
    """Of so many hosts those whose claims differ from a recount, and the id to go on after (None:
    that was all). What changes meanwhile may be among them."""
    nodes = list(
        db.scalars(sa.select(NODE).where(NODE.id > after_id).order_by(NODE.id).limit(limit))
    )
    counted = _counted(db, [node.host for node in nodes])
    found = [node.host for node in nodes if _claimed(node) != counted.get(node.host, Need())]
    return found, nodes[-1].id if len(nodes) == limit else None


def _claimed(node: ComputeNode) -> Need:
    return Need(
        node.vcpus_used,
        node.memory_mb_used,
        node.disk_gb_used,
        node.num_instances,
        node.num_io_ops,
    )


def _counted(db: Session, hosts: Iterable[str]) -> dict[str, Need]:
    names = sorted(hosts)
    building = sa.case((Instance.vm_state == VmState.BUILDING, 1), else_=0)
    own = _sums(Instance, Instance.host, building).where(
        Instance.host.in_(names), Instance.deleted == 0
    )
    held = _sums(Migration, Migration.held_host, sa.literal(0)).where(
        Migration.held_host.in_(names)
    )
    found: dict[str, Need] = {}
    for query, host in ((own, Instance.host), (held, Migration.held_host)):
        for row in db.execute(query.group_by(host)):
            need = Need(*(int(value or 0) for value in row[1:]))
            found[row[0]] = found.get(row[0], Need()) + need
    return found


def _sums(
    table: type[Instance] | type[Migration],
    host: sa.orm.InstrumentedAttribute[str | None],
    building: sa.ColumnElement[int],
) -> Any:
    return sa.select(
        host,
        sa.func.sum(table.vcpus),
        sa.func.sum(table.memory_mb),
        sa.func.sum(table.disk_gb),
        sa.func.count(table.id),
        sa.func.sum(building),
    )


def contradictions(db: Session) -> list[str]:
    """Rows about hosts that do not fit one another, in words."""
    services = sa.select(Service.host).where(Service.binary == _COMPUTE)
    nodes = sa.select(NODE.host)
    alone = sa.select(NODE.host).where(NODE.host.not_in(services))
    strange = sa.select(AggregateHost.host).distinct().where(AggregateHost.host.not_in(services))
    lost = sa.select(Instance.host).distinct()
    lost = lost.where(
        Instance.deleted == 0, Instance.host.is_not(None), Instance.host.not_in(nodes)
    )
    apart = (
        sa.select(NODE.host)
        .join(Service, sa.and_(Service.host == NODE.host, Service.binary == _COMPUTE))
        .where(Service.epoch != NODE.epoch)
    )
    kinds = (
        (alone, "is a hypervisor, and no service"),
        (strange, "is in an aggregate, and no service"),
        (lost, "has servers, and is no hypervisor"),
        (apart, "is in another epoch as a service than as a hypervisor"),
    )
    return [f"{host} {what}" for query, what in kinds for host in db.scalars(query.limit(_MOST))]
