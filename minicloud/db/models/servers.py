"""Servers, and what is known of their life."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from minicloud.db.models.base import Base, LongText, Name, Uuid, exact


class Instance(Base):
    """A server: what is wanted of it, what it is, and who must look at it when (`due_at`)."""

    __tablename__ = "instances"
    __table_args__ = (
        sa.Index("ix_instances_due_at", "due_at"),
        sa.Index("ix_instances_host", "host", "deleted", "task_state"),
        sa.Index("ix_instances_task_host", "task_host"),
        sa.Index("ix_instances_created_at", "deleted", "created_at", "id"),
        sa.Index("ix_instances_updated_at", "updated_at"),
        sa.Index("ix_instances_reservation_id", "reservation_id"),
        sa.Index(
            "ix_instances_project_id", "project_id", "deleted", "user_id", "vcpus", "memory_mb"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(Uuid, unique=True)
    project_id: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[str] = mapped_column(sa.String(64))
    reservation_id: Mapped[str] = mapped_column(sa.String(64))
    launch_index: Mapped[int] = mapped_column(default=0)

    display_name: Mapped[str]
    display_description: Mapped[str | None]
    hostname: Mapped[str]
    image_ref: Mapped[str | None] = mapped_column(Uuid)
    flavor: Mapped[dict[str, Any]]  # a copy: a flavor that is changed changes no server
    vcpus: Mapped[int]
    memory_mb: Mapped[int]
    disk_gb: Mapped[int]  # root + ephemeral
    key_name: Mapped[str | None]
    disk_config: Mapped[str] = mapped_column(sa.String(8), default="MANUAL")
    config_drive: Mapped[bool] = mapped_column(default=False)
    access_ip_v4: Mapped[str | None] = mapped_column(sa.String(39))
    access_ip_v6: Mapped[str | None] = mapped_column(sa.String(39))
    meta: Mapped[dict[str, str]]
    addresses: Mapped[list[dict[str, Any]] | None]  # its interfaces, once it has a host
    availability_zone: Mapped[str | None]  # as asked for
    request: Mapped[dict[str, Any]] = mapped_column(deferred=True)  # what the scheduler needs
    retry: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    pending_kind: Mapped[str | None] = mapped_column(sa.String(40), deferred=True)  # alike ones
    user_data: Mapped[str | None] = mapped_column(LongText, deferred=True)

    vm_state: Mapped[str] = mapped_column(sa.String(32))
    task_state: Mapped[str | None] = mapped_column(sa.String(32))
    power_state: Mapped[int] = mapped_column(default=0)
    generation: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime | None]  # when the conductor must look again
    deadline_at: Mapped[datetime | None]  # when the task has failed
    action_id: Mapped[int | None] = mapped_column(sa.BigInteger)  # the action under way
    host: Mapped[str | None]
    node: Mapped[str | None]
    launched_on: Mapped[str | None]
    task_host: Mapped[str | None]  # the host that has to do what is under way
    old_vm_state: Mapped[str | None] = mapped_column(sa.String(32))  # to rest in afterwards
    shelved_image: Mapped[str | None] = mapped_column(Uuid)
    locked_by: Mapped[str | None] = mapped_column(sa.String(16))  # owner, admin
    locked_reason: Mapped[str | None]

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    launched_at: Mapped[datetime | None]
    terminated_at: Mapped[datetime | None]
    deleted: Mapped[int] = mapped_column(default=0)  # the id once deleted
    deleted_at: Mapped[datetime | None]


class InstanceFault(Base):
    __tablename__ = "instance_faults"

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_uuid: Mapped[str] = mapped_column(Uuid, index=True)
    code: Mapped[int]
    machine_code: Mapped[str] = mapped_column(sa.String(64))
    message: Mapped[str] = mapped_column(sa.Text)
    details: Mapped[dict[str, Any] | None]  # for admins: the explanation
    host: Mapped[str | None]
    action_id: Mapped[int | None]
    created_at: Mapped[datetime]


class InstanceAction(Base):
    """An accepted request: the log that clients read, and the work there is to do."""

    __tablename__ = "instance_actions"
    __table_args__ = (
        sa.Index("ix_instance_actions_instance", "instance_uuid", "request_id"),
        sa.Index("ix_instance_actions_request_id", "request_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_uuid: Mapped[str] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(sa.String(64))
    request_id: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[str] = mapped_column(sa.String(64))
    project_id: Mapped[str] = mapped_column(sa.String(64))
    parameters: Mapped[dict[str, Any] | None]
    start_time: Mapped[datetime]
    updated_at: Mapped[datetime]
    finish_time: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(sa.String(16))  # Success, Error
    message: Mapped[str | None] = mapped_column(sa.Text)
    decision: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)  # why it got no host


class InstanceEvent(Base):
    """One step of an action."""

    __tablename__ = "instance_actions_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(index=True)
    event: Mapped[str] = mapped_column(sa.String(64))
    start_time: Mapped[datetime]
    finish_time: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(sa.String(16))
    details: Mapped[str | None] = mapped_column(sa.Text)
    host: Mapped[str | None]


class InstanceTag(Base):
    __tablename__ = "instance_tags"
    __table_args__ = (sa.Index("ix_instance_tags_tag", "tag"),)

    instance_uuid: Mapped[str] = mapped_column(Uuid, primary_key=True)
    tag: Mapped[str] = mapped_column(exact(80), primary_key=True)


class Migration(Base):
    """A move of an instance to another host, and the room that it holds besides its own.

    `held_host` has room for vcpus, memory_mb and disk_gb while the move is open: the destination
    until the instance is there, the source afterwards, until it is confirmed or reverted.
    """

    __tablename__ = "migrations"
    __table_args__ = (
        sa.Index("ix_migrations_instance_uuid", "instance_uuid", "id"),
        sa.Index("ix_migrations_held_host", "held_host"),
        sa.Index("ix_migrations_source", "source_compute", "migration_type", "status"),
        sa.Index("ix_migrations_updated_at", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(Uuid, unique=True)
    instance_uuid: Mapped[str] = mapped_column(Uuid)
    migration_type: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[str] = mapped_column(sa.String(16))
    source_compute: Mapped[str]
    source_node: Mapped[str]
    dest_compute: Mapped[str | None]
    dest_node: Mapped[str | None]
    old_flavor: Mapped[dict[str, Any]]
    new_flavor: Mapped[dict[str, Any]]
    held_host: Mapped[str | None]
    vcpus: Mapped[int] = mapped_column(default=0)
    memory_mb: Mapped[int] = mapped_column(default=0)
    disk_gb: Mapped[int] = mapped_column(default=0)
    user_id: Mapped[str] = mapped_column(sa.String(64))
    project_id: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ServerGroup(Base):
    __tablename__ = "instance_groups"
    __table_args__ = (sa.Index("ix_instance_groups_project_id", "project_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(Uuid, unique=True)
    project_id: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str]
    policy: Mapped[str] = mapped_column(sa.String(32))
    rules: Mapped[dict[str, Any]]
    generation: Mapped[int] = mapped_column(default=1)  # raised by each placement of a member
    created_at: Mapped[datetime]


class ServerGroupMember(Base):
    __tablename__ = "instance_group_members"

    instance_uuid: Mapped[str] = mapped_column(Uuid, primary_key=True)
    group_id: Mapped[int] = mapped_column(
        sa.ForeignKey("instance_groups.id", ondelete="CASCADE"), index=True
    )


class KeyPair(Base):
    __tablename__ = "key_pairs"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(exact(255))
    type: Mapped[str] = mapped_column(sa.String(8))  # ssh, x509
    public_key: Mapped[str] = mapped_column(sa.Text)
    fingerprint: Mapped[str]
    created_at: Mapped[datetime]


class ConsoleToken(Base):
    """Leave to look at a console for a while; only the SHA-256 of its text is kept."""

    __tablename__ = "console_tokens"
    __table_args__ = (sa.Index("ix_console_tokens_expires_at", "expires_at"),)

    hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    instance_uuid: Mapped[str] = mapped_column(Uuid)
    console_type: Mapped[str] = mapped_column(sa.String(16))
    host: Mapped[str]
    expires_at: Mapped[datetime]


class IdempotencyKey(Base):
    """What a create with an `Idempotency-Key` has made; the key is free again after a day."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.Index("ix_idempotency_keys_expires_at", "expires_at"),)

    project_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    key: Mapped[str] = mapped_column(Name, primary_key=True)
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    reservation_id: Mapped[str] = mapped_column(sa.String(64))
    expires_at: Mapped[datetime]
