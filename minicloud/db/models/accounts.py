"""Whom the identity service knows, and the tokens it gave."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from minicloud.db.models.base import Base, Name


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


class IdentityRevision(Base):
    """One row, counted up with every change to what tokens grant."""

    __tablename__ = "identity_revisions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)


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
