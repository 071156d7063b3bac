"""Turns what hosts see into states. Every report tells all that the host was asked about."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from minicloud.conductor.ledger import Delays, Ledger
from minicloud.db import enlisting, hosts, instances, migrations
from minicloud.db.models import Instance
from minicloud.errors import GuestLost
from minicloud.instance_states import SEEN, Power, Task, VmState
from minicloud.rpc.conductor import Epochs, HostReport, Sighting

LOG = logging.getLogger(__name__)
_NONE: Final[Epochs] = MappingProxyType({})


def record(
    db: Session,
    reports: Sequence[HostReport],
    now: datetime,
    delays: Delays,
    epochs: Epochs = _NONE,
) -> tuple[Ledger, dict[str, int]]:
    """Write what follows from the sightings, but not from those of hosts whose epoch has passed:
    these are told, with the epoch that they are in.

    Epochs are looked at once the rows are locked: whoever raises one and then takes a server from
    the host waits for what is written here, or was first and is seen.
    """
    seen = {s.uuid: (report.host, s) for report in reports for s in report.sightings}
    ledger = Ledger(db, now, delays)
    rows = ledger.lock(seen)
    stale = enlisting.stale(db, _of(reports, epochs))
    for row in rows:
        host, sighting = seen[row.uuid]
        actor = row.task_host if row.task_state else row.host
        current = actor == host and row.generation == sighting.generation
        if current and host not in stale:
            _conclude(ledger, row, sighting)
    ledger.write()
    return ledger, stale


def _of(reports: Sequence[HostReport], epochs: Epochs) -> dict[str, int]:
    return {r.host: epochs[r.host] for r in reports if r.host in epochs}


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


def _correction(row: Instance, sighting: Sighting) -> VmState | None:
    """The vm_state to record instead; None where there is none, or the host mends it itself."""
    state, power = VmState(row.vm_state), Power(sighting.power)
    seen = SEEN.get((state, power))
    if state is VmState.RESCUED and power is not Power.ABSENT and not sighting.rescue:
        # What ended its rescue came too late to be told.
        seen = SEEN.get((VmState.ACTIVE, power), VmState.ACTIVE)
    return seen if isinstance(seen, VmState) else None


def _correct(ledger: Ledger, row: Instance, sighting: Sighting) -> None:
    correction = _correction(row, sighting)
    if correction is VmState.ERROR:
        ledger.to_error(row, GuestLost(row.uuid, Power(sighting.power).name.lower()))
    elif correction is not None:
        ledger.at_rest(row, correction, sighting.power)
    elif max(sighting.power, 0) != row.power_state:
        ledger.at_rest(row, row.vm_state, sighting.power)


def strangers(db: Session, reports: Sequence[HostReport]) -> dict[str, list[str]]:
    """host -> guests on it that the books have elsewhere or deleted: these it may destroy.

    A guest that the books do not know at all is left alone: it may be somebody else's. One that a
    move still holds there is kept until the move is confirmed.
    """
    seen = [(report.host, uuid) for report in reports for uuid in report.guests or ()]
    known = instances.whereabouts(db, {uuid for _host, uuid in seen})
    gone: dict[str, list[str]] = {}
    for host, uuid in seen:
        if uuid not in known:
            LOG.warning("host %s runs %s, which nobody here knows; leaving it alone", host, uuid)
        elif host not in known[uuid]:
            gone.setdefault(host, []).append(uuid)
    return gone


def look(db: Session, reports: Sequence[HostReport]) -> tuple[dict[str, list[str]], list[int]]:
    """Strangers by host, and the evacuations (ids of moves) that their hosts cleaned up after.

    First what is to be cleaned up: an evacuation that ends meanwhile is looked at the next time.
    """
    looked = [report.host for report in reports if report.guests is not None]
    left = migrations.evacuated_from(db, looked)
    gone = strangers(db, reports)
    return gone, [move_id for move_id, host, uuid in left if uuid not in gone.get(host, ())]


def take_inventory(
    db: Session,
    agent: str,
    reports: Sequence[HostReport],
    now: datetime,
    epochs: Epochs = _NONE,
) -> dict[str, int]:
    """Record what the hosts have, and check the claims on them against a recount; not of hosts
    whose epoch has passed, which are told with the epoch that they are in."""
    present = enlisting.epochs(db, [report.host for report in reports])
    stale: dict[str, int] = {}
    for report in sorted(reports, key=lambda r: r.host):
        if report.inventory is None:
            continue
        host, epoch = report.host, present.get(report.host, 0)
        is_now = epochs.get(host, epoch) == epoch
        if is_now and hosts.record_inventory(db, host, agent, report.inventory, now, epoch):
            drift = hosts.audit(db, host, now)
            if drift:
                LOG.error("claims on %s were %s, corrected to %s", host, *drift)
        else:
            stale[host] = epoch
    return stale
