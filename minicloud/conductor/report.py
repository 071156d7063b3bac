"""Turns what hosts see into states. Every report tells all that the host was asked about."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from minicloud.conductor.ledger import Ledger
from minicloud.db import hosts, instances
from minicloud.db.models import Instance
from minicloud.errors import GuestLost
from minicloud.instance_states import SEEN, Correction, Power, Task, VmState
from minicloud.rpc.conductor import HostReport, Sighting

LOG = logging.getLogger(__name__)


def record(db: Session, reports: Sequence[HostReport], now: datetime) -> list[str]:
    """Write what follows from the sightings; return the instances that want another host."""
    seen = {s.uuid: (report.host, s) for report in reports for s in report.sightings}
    ledger = Ledger(now)
    for row in instances.lock(db, seen):
        host, sighting = seen[row.uuid]
        if row.host == host and row.generation == sighting.generation:
            _conclude(ledger, row, sighting)
    ledger.write(db)
    return ledger.to_place


def tells_nothing_new(rows: Mapping[str, Instance], report: HostReport) -> bool:
    """Whether all that the host sees is what the books say already."""
    return not any(_matters(rows.get(s.uuid), s) for s in report.sightings)


def _matters(row: Instance | None, sighting: Sighting) -> bool:
    if row is None or row.generation != sighting.generation:
        return False
    if row.task_state is not None:
        return sighting.done or sighting.error is not None
    return max(sighting.power, 0) != row.power_state or _correction(row, sighting) is not None


def _conclude(ledger: Ledger, row: Instance, sighting: Sighting) -> None:
    if row.task_state is None:
        _correct(ledger, row, sighting)
    elif sighting.done:
        ledger.succeed(row, sighting.power)
    elif sighting.error is not None and row.task_state != Task.DELETING:
        LOG.warning("%s: %s on %s failed: %s", row.uuid, row.task_state, row.host, sighting.error)
        ledger.fail(row, sighting.error)


def _correction(row: Instance, sighting: Sighting) -> Correction | None:
    return SEEN.get((VmState(row.vm_state), Power(sighting.power)))


def _correct(ledger: Ledger, row: Instance, sighting: Sighting) -> None:
    correction = _correction(row, sighting)
    if correction is Correction.RECORD_STOPPED:
        ledger.at_rest(row, VmState.STOPPED, sighting.power)
    elif correction is Correction.RECORD_ERROR:
        ledger.to_error(row, GuestLost(row.uuid, Power(sighting.power).name.lower()))
    elif max(sighting.power, 0) != row.power_state:
        ledger.at_rest(row, row.vm_state, sighting.power)


def strangers(db: Session, reports: Sequence[HostReport]) -> dict[str, list[str]]:
    """host -> guests on it that the books have elsewhere or deleted: these it may destroy.

    A guest that the books do not know at all is left alone: it may be somebody else's.
    """
    seen = [(report.host, uuid) for report in reports for uuid in report.guests or ()]
    known = instances.whereabouts(db, {uuid for _host, uuid in seen})
    gone: dict[str, list[str]] = {}
    for host, uuid in seen:
        if uuid not in known:
            LOG.warning("host %s runs %s, which nobody here knows; leaving it alone", host, uuid)
            continue
        its_host, deleted = known[uuid]
        if deleted or its_host != host:
            gone.setdefault(host, []).append(uuid)
    return gone


def take_inventory(db: Session, agent: str, reports: Sequence[HostReport], now: datetime) -> None:
    """Record what the hosts have, and check the claims on them against a recount."""
    for report in sorted(reports, key=lambda r: r.host):
        if report.inventory is None:
            continue
        hosts.record_inventory(db, report.host, agent, report.inventory, now)
        drift = hosts.audit(db, report.host, now)
        if drift:
            LOG.error("claims on %s were %s, corrected to %s", report.host, *drift)
