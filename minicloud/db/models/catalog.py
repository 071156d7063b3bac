"""The catalogue of services."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from minicloud.db.models.base import Base, Name


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
