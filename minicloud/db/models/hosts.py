"""Services, hosts and aggregates."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from minicloud.db.models.base import Base, Name, Uuid


class Service(Base):
    """A member of the service group: one program on one host."""

    __tablename__ = "services"
    __table_args__ = (sa.UniqueConstraint("binary", "host"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(Uuid, unique=True)
    binary: Mapped[str] = mapped_column(sa.String(64))
    host: Mapped[str]
    disabled: Mapped[bool] = mapped_column(default=False)
    disabled_reason: Mapped[str | None]
    forced_down: Mapped[bool] = mapped_column(default=False)
    report_count: Mapped[int] = mapped_column(default=0)
    last_seen_up: Mapped[datetime | None]
    # Of the program that keeps it; it only grows.
    epoch: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    owner: Mapped[dict[str, Any] | None]  # the program that enlisted it last
    left_at: Mapped[datetime | None]  # what was heard before that is no sign of life
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ComputeNode(Base):
    """What a host has and what is claimed of it. `*_limit` is what may be claimed at most:
    total x allocation ratio - reserved. A claim is an UPDATE whose condition is the room left."""

    __tablename__ = "compute_nodes"
    __table_args__ = (
        sa.Index("ix_compute_nodes_changed_at", "changed_at"),
        sa.Index("ix_compute_nodes_freed_at", "freed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(Uuid, unique=True)
    host: Mapped[str] = mapped_column(Name, unique=True)
    node: Mapped[str]
    agent: Mapped[str]  # the compute agent that looks after the host
    # That of its service: here as well, for a claim to be refused by the row that it locks.
    epoch: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    host_ip: Mapped[str] = mapped_column(sa.String(39), default="127.0.0.1")
    hypervisor_type: Mapped[str] = mapped_column(sa.String(64))
    hypervisor_version: Mapped[int]
    cpu_info: Mapped[dict[str, Any]]
    supported_instances: Mapped[list[str]]

    vcpus: Mapped[int]
    memory_mb: Mapped[int]
    disk_gb: Mapped[int]
    vcpus_limit: Mapped[int]
    memory_mb_limit: Mapped[int]
    disk_gb_limit: Mapped[int]
    reserved_memory_mb: Mapped[int] = mapped_column(default=0)
    reserved_disk_gb: Mapped[int] = mapped_column(default=0)
    cpu_allocation_ratio: Mapped[float] = mapped_column(default=1.0)
    ram_allocation_ratio: Mapped[float] = mapped_column(default=1.0)
    disk_allocation_ratio: Mapped[float] = mapped_column(default=1.0)

    vcpus_used: Mapped[int] = mapped_column(default=0)
    memory_mb_used: Mapped[int] = mapped_column(default=0)
    disk_gb_used: Mapped[int] = mapped_column(default=0)
    num_instances: Mapped[int] = mapped_column(default=0)
    num_io_ops: Mapped[int] = mapped_column(default=0)
    failed_builds: Mapped[int] = mapped_column(default=0)
    metrics: Mapped[dict[str, float] | None]  # as monitors measured last; None: no monitor is on

    changed_at: Mapped[datetime]  # any column; the schedulers read what changed
    freed_at: Mapped[datetime | None]  # there may be more room since; what waits is tried again
    created_at: Mapped[datetime]

    @property
    def reserved_vcpus(self) -> int:
        """What the limit says of it; a host that reserves more than it has is full anyway."""
        return max(int(self.vcpus * self.cpu_allocation_ratio) - self.vcpus_limit, 0)


class Aggregate(Base):
    """A set of hosts with metadata; the key `availability_zone` makes it a zone."""

    __tablename__ = "aggregates"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(Uuid, unique=True)
    name: Mapped[str] = mapped_column(Name, unique=True)
    meta: Mapped[dict[str, str]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AggregateHost(Base):
    __tablename__ = "aggregate_hosts"

    aggregate_id: Mapped[int] = mapped_column(
        sa.ForeignKey("aggregates.id", ondelete="CASCADE"), primary_key=True
    )
    host: Mapped[str] = mapped_column(Name, primary_key=True)


class Duty(Base):
    """Work that one conductor does for all. Whoever takes it gets a higher token, and what is
    written in the name of a lower one is refused. `until`: how long the holder has it where the
    database itself elects; NULL where a store of the service group does."""

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    token: Mapped[int] = mapped_column(sa.BigInteger)
    holder: Mapped[str | None]
    until: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    wrote_at: Mapped[datetime | None]  # when something was last written in its name
