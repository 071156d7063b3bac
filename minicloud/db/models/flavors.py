"""Flavors, and how much of them a project may have."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from minicloud.db.models.base import Base, Name


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


class QuotaGuard(Base):
    """One row a project, locked while its usage is counted and an intent is written."""

    __tablename__ = "quota_guards"

    project_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
