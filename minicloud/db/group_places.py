"""Where the members of server groups are, and what a group's policy says of a host.

A member counts where it is and where a move of it holds room. A policy is judged for good when a
placement is recorded, on the locked rows of the groups: however many schedulers place members of
one group at once, each sees those that were placed before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.engine import changed
from minicloud.db.models import Instance, Migration, ServerGroup, ServerGroupMember

AFFINITY, ANTI_AFFINITY = "affinity", "anti-affinity"
SOFT_AFFINITY, SOFT_ANTI_AFFINITY = "soft-affinity", "soft-anti-affinity"
MEMBER = ServerGroupMember


@dataclass
class Company:
    """A group, and the hosts of each member that has any."""

    group: ServerGroup
    hosts: dict[str, set[str]] = field(default_factory=dict)

    def put(self, uuid: str, host: str) -> bool:
        """Count the member on the host; False: it did already."""
        its = self.hosts.setdefault(uuid, set())
        new = host not in its
        its.add(host)
        return new

    def take_away(self, uuid: str, host: str) -> None:
        self.hosts[uuid].discard(host)

    def hosts_of_others(self, uuid: str) -> list[str]:
        """Sorted; a host is named once for each member on it."""
        return sorted(h for member, hosts in self.hosts.items() if member != uuid for h in hosts)

    def admits(self, uuid: str, host: str) -> bool:
        """Whether a member may be on `host` by a hard policy."""
        others = self.hosts_of_others(uuid)
        if self.group.policy == AFFINITY:
            return not others or host in others
        if self.group.policy == ANTI_AFFINITY:
            return others.count(host) < int(self.group.rules.get("max_server_per_host", 1))
        return True

    def suits(self, uuid: str, host: str, chosen: str, seen: Sequence[str] | None) -> bool:
        """Whether a soft policy is kept on `host` as well as it seemed to be on the one `chosen`,
        when the others were on the hosts `seen`; None: it need not be."""
        if seen is None:
            return True
        others = self.hosts_of_others(uuid)
        if self.group.policy == SOFT_ANTI_AFFINITY:
            return others.count(host) <= list(seen).count(chosen)
        if self.group.policy == SOFT_AFFINITY:
            return host in others or others == sorted(seen)
        return True

    def facts(self, uuid: str) -> dict[str, Any]:
        """What a scheduler is told for this member (SEMANTICS section 5)."""
        return {
            "group": self.group.uuid,
            "group_policies": [self.group.policy],
            "group_rules": dict(self.group.rules),
            "group_hosts": self.hosts_of_others(uuid),
            "group_updated": True,
        }


def companies(db: Session, uuids: Iterable[str], *, lock: bool = False) -> dict[str, Company]:
    """The company of each of these instances that is in a group.

    `lock`: nobody else places members of these groups until the end of the transaction. They are
    locked after the instances and before the hosts, by their ids.
    """
    members = sa.select(MEMBER.instance_uuid, MEMBER.group_id)
    found = db.execute(members.where(MEMBER.instance_uuid.in_(sorted(uuids)))).all()
    if not found:
        return {}
    query = sa.select(ServerGroup).where(ServerGroup.id.in_({row[1] for row in found}))
    if lock:
        query = query.order_by(ServerGroup.id).with_for_update()
    made = {group.id: Company(group) for group in db.scalars(query)}
    if lock and made:  # a lock is not seen on another node of a cluster; a row that changed is
        raised = {"generation": ServerGroup.generation + 1}
        changed(db, sa.update(ServerGroup).where(ServerGroup.id.in_(made)).values(raised))
    for group_id, uuid, host in _places(db, made):
        made[group_id].put(uuid, host)
    return {uuid: made[group_id] for uuid, group_id in found if group_id in made}


def company(db: Session, group_uuid: str) -> Company | None:
    """The company of a group that somebody may join."""
    group = db.scalar(sa.select(ServerGroup).where(ServerGroup.uuid == group_uuid))
    if group is None:
        return None
    found = Company(group)
    for _group_id, uuid, host in _places(db, [group.id]):
        found.put(uuid, host)
    return found


def _places(db: Session, group_ids: Iterable[int]) -> list[tuple[int, str, str]]:
    """(group, member, host) of every member that is on a host or holds room on one."""
    ids = sorted(group_ids)
    alive = sa.and_(Instance.uuid == MEMBER.instance_uuid, Instance.deleted == 0)
    here = (
        sa.select(MEMBER.group_id, Instance.uuid, Instance.host)
        .join(Instance, alive)
        .where(MEMBER.group_id.in_(ids), Instance.host.is_not(None))
    )
    held = (
        sa.select(MEMBER.group_id, Migration.instance_uuid, Migration.held_host)
        .join(Instance, alive)
        .join(Migration, Migration.instance_uuid == MEMBER.instance_uuid)
        .where(MEMBER.group_id.in_(ids), Migration.held_host.is_not(None))
    )
    return [(row[0], row[1], str(row[2])) for row in db.execute(sa.union(here, held))]
