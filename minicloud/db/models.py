"""The tables. Times are UTC without zone, to the microsecond; units are in the names."""

from datetime import datetime
from typing import Any, ClassVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
LongText = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
Uuid = sa.String(36)
Name = sa.String(255)


def exact(length: int) -> Any:
    """A text whose every letter counts: MariaDB would take a and A for the same."""
    collated = mysql.VARCHAR(length, collation="utf8mb4_bin")
    return sa.String(length).with_variant(collated, "mysql", "mariadb")


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {
        str: Name,
        datetime: Moment,
        dict[str, Any]: sa.JSON(),
        dict[str, str]: sa.JSON(),
        list[str]: sa.JSON(),
        list[dict[str, Any]]: sa.JSON(),
    }


def table_of(model: type[Base]) -> sa.Table:
    """The table behind a model, for statements that need no ORM."""
    return cast(sa.Table, model.__table__)


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


class Flavor(Base):
    __tablename__ = "flavors"

    id: Mapped[int] = mapped_column(primary_key=True)
    flavorid: Mapped[str] = mapped_column(Name, unique=True)
    name: Mapped[str] = mapped_column(Name, unique=True)
    description: Mapped[str | None] = mapped_column(sa.Text)
    vcpus: Mapped[int]
    memory_mb: Mapped[int]
    root_gb: Mapped[int]
    ephemeral_gb: Mapped[int] = mapped_column(default=0)
    swap_mb: Mapped[int] = mapped_column(default=0)
    rxtx_factor: Mapped[float] = mapped_column(default=1.0)
    is_public: Mapped[bool] = mapped_column(default=True)
    disabled: Mapped[bool] = mapped_column(default=False)
    extra_specs: Mapped[dict[str, str]]
    created_at: Mapped[datetime]


class FlavorAccess(Base):
    """A project that may use a flavor which is not public."""

    __tablename__ = "flavor_projects"

    flavor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("flavors.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


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
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ComputeNode(Base):
    """What a host has and what is claimed of it. `*_limit` is what may be claimed at most:
    total x allocation ratio - reserved. A claim is an UPDATE whose condition is the room left."""

    __tablename__ = "compute_nodes"
    __table_args__ = (sa.Index("ix_compute_nodes_changed_at", "changed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(Uuid, unique=True)
    host: Mapped[str] = mapped_column(Name, unique=True)
    node: Mapped[str]
    agent: Mapped[str]  # the compute agent that looks after the host
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

    changed_at: Mapped[datetime]  # any column; the schedulers read what changed
    created_at: Mapped[datetime]


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


class QuotaGuard(Base):
    """One row a project, locked while its usage is counted and an intent is written."""

    __tablename__ = "quota_guards"

    project_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


class Quota(Base):
    """A project's own limit; `user_id` "" is the project as a whole."""

    __tablename__ = "quotas"

    project_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True, default="")
    resource: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    hard_limit: Mapped[int]


class QuotaClass(Base):
    """A limit of a class of projects; those of the class `default` go before the options."""

    __tablename__ = "quota_classes"

    class_name: Mapped[str] = mapped_column(Name, primary_key=True)
    resource: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    hard_limit: Mapped[int]


class Domain(Base):
    __tablename__ = "domains"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Name, unique=True)
    description: Mapped[str] = mapped_column(sa.Text, default="")
    enabled: Mapped[bool] = mapped_column(default=True)


class Project(Base):
    __tablename__ = "projects"
    __table_args__ = (sa.UniqueConstraint("domain_id", "name"),)

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    domain_id: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(sa.Text, default="")
    enabled: Mapped[bool] = mapped_column(default=True)


class User(Base):
    __tablename__ = "users"
    __table_args__ = (sa.UniqueConstraint("domain_id", "name"),)

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    domain_id: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str]
    email: Mapped[str | None]
    description: Mapped[str] = mapped_column(sa.Text, default="")
    default_project_id: Mapped[str | None] = mapped_column(sa.String(64))
    enabled: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str]
    valid_from: Mapped[datetime]  # tokens issued before are refused: a new password sets it


class Role(Base):
    __tablename__ = "roles"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Name, unique=True)
    description: Mapped[str] = mapped_column(sa.Text, default="")


class RoleAssignment(Base):
    __tablename__ = "role_assignments"

    user_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    role_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


class ApplicationCredential(Base):
    """A user's stand-in for one project, with some of the user's roles there."""

    __tablename__ = "application_credentials"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.String(64))
    project_id: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(sa.Text, default="")
    secret_hash: Mapped[str]
    roles: Mapped[list[str]]  # ids
    unrestricted: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Token(Base):
    """An issued token; only the SHA-256 of its text is kept."""

    __tablename__ = "tokens"
    __table_args__ = (
        sa.Index("ix_tokens_expires_at", "expires_at"),
        sa.Index("ix_tokens_user_id", "user_id"),
    )

    hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    audit_id: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[str] = mapped_column(sa.String(64))
    project_id: Mapped[str | None] = mapped_column(sa.String(64))
    application_credential_id: Mapped[str | None] = mapped_column(sa.String(64))
    methods: Mapped[list[str]]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class CatalogRegion(Base):
    __tablename__ = "catalog_regions"

    id: Mapped[str] = mapped_column(Name, primary_key=True)
    description: Mapped[str] = mapped_column(sa.Text, default="")
    parent_region_id: Mapped[str | None]


class CatalogService(Base):
    """A service of the identity catalogue."""

    __tablename__ = "catalog_services"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    type: Mapped[str]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(sa.Text, default="")
    enabled: Mapped[bool] = mapped_column(default=True)


class CatalogEndpoint(Base):
    """`url` is absolute, or a path on the address that the client used."""

    __tablename__ = "catalog_endpoints"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    service_id: Mapped[str] = mapped_column(sa.String(64), index=True)
    interface: Mapped[str] = mapped_column(sa.String(16))
    region_id: Mapped[str]
    url: Mapped[str] = mapped_column(sa.Text)
    enabled: Mapped[bool] = mapped_column(default=True)


class Image(Base):
    __tablename__ = "images"
    __table_args__ = (sa.Index("ix_images_created_at", "created_at"),)

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str | None]
    owner: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[str] = mapped_column(sa.String(16))  # queued, saving, active
    visibility: Mapped[str] = mapped_column(sa.String(16))
    protected: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    disk_format: Mapped[str | None] = mapped_column(sa.String(16))
    container_format: Mapped[str | None] = mapped_column(sa.String(16))
    min_disk_gb: Mapped[int] = mapped_column(default=0)
    min_ram_mb: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    checksum: Mapped[str | None] = mapped_column(sa.String(32))
    os_hash_value: Mapped[str | None] = mapped_column(sa.String(128))
    properties: Mapped[dict[str, str]]
    tags: Mapped[list[str]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
