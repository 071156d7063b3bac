"""The programs that make this zone up: taken out of service, called down, removed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import aggregates, enlisting, hosts, migrations_of_host, services
from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.servicegroup.base import COMPUTE


class LocalServices:
    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, context: RequestContext, ref: str) -> Service:
        row = self._database.read(lambda db: services.get(db, ref))
        if row is None:
            raise errors.ServiceNotFound(ref)
        return row

    def named(self, context: RequestContext, host: str, binary: str) -> Service:
        rows = self._database.read(lambda db: services.of_group(db, binary, host))
        if not rows:
            raise errors.BinaryNotFound(binary, host)
        return rows[0]

    def change(self, context: RequestContext, service: Service, facts: Mapping[str, Any]) -> None:
        if service.binary != COMPUTE:
            raise errors.BadRequest(
                f"Updating a {service.binary} service is not supported. "
                "Only nova-compute services can be updated."
            )
        now = self._database.now()

        def work(db: Session) -> None:
            if facts.get("forced_down") is False:
                _refuse_to_lift(db, service.host)
            if facts.get("forced_down"):
                enlisting.fence(db, [service.host], now)
            services.change(db, service.id, {**facts, "updated_at": now})

        self._database.write(work, "api.service")

    def remove(self, context: RequestContext, service: Service) -> None:
        def work(db: Session) -> None:
            services.lock(db, service.id)
            if service.binary == COMPUTE:
                _remove_host(db, service.host, self._database.now())
            services.remove(db, service.id)

        self._database.write(work, "api.service")


def _refuse_to_lift(db: Session, host: str) -> None:
    """What was evacuated from the host is destroyed there when it comes back, not before."""
    waiting = migrations_of_host.evacuated(db, host)
    if waiting:
        raise errors.BadRequest(
            f"Unable to lift forced_down of {host}: evacuations from it are not completed: "
            f"{', '.join(waiting[:5])}. Its nova-compute completes them when it looks next: "
            "start it where it does not run, and try again."
        )


def _remove_host(db: Session, host: str, now: datetime) -> None:
    """Nobody claims on the host from here on: its row is locked, and then gone."""
    if hosts.lock_and_count(db, host):
        raise errors.Conflict(
            "Unable to delete compute service that is hosting instances. "
            "Migrate or delete the instances first."
        )
    if migrations_of_host.any_open(db, host):
        raise errors.Conflict(
            "Unable to delete compute service that has in-progress migrations. "
            "Complete the migrations or delete the instances first."
        )
    aggregates.forget_host(db, host, now)
    hosts.remove(db, host)
