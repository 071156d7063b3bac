"""Images."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from minicloud.db.models.base import Base, Uuid


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
