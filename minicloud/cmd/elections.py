"""Puts together how the conductors of a deployment share their duties."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from oslo_config import cfg

from minicloud.conf.servicegroup import down_time_s
from minicloud.db.engine import Database
from minicloud.runtime.clock import Clock
from minicloud.runtime.loop import Loop
from minicloud.servicegroup.address import STORES, driver_of
from minicloud.servicegroup.election import DutyElection, Locks, look_interval_s

if TYPE_CHECKING:
    from minicloud.conductor.duties import Duties


class Running(Protocol):
    """The program that a part is started in."""

    def on_stop(self, work: Callable[[], object]) -> None: ...

    def loop(self, name: str, step: Callable[[], None], interval_s: float) -> Loop: ...


def of_conductor(
    running: Running, conf: cfg.ConfigOpts, books: Database, name: str, clock: Clock
) -> DutyElection:
    """Which duties are this conductor's; those in its way learn at once when it stops."""
    from minicloud.conductor import duties

    ttl_s = down_time_s(conf)
    locks = _locks(running, conf, ttl_s, clock)
    election = DutyElection(books, name, ttl_s, locks, duties.WHAT)
    election.keep()
    running.loop("election", election.keep, look_interval_s(ttl_s))
    running.on_stop(election.close)
    return election


def duties_of(conf: cfg.ConfigOpts, books: Database, election: DutyElection) -> "Duties":
    """Those that are not part of a conductor's sweep."""
    from minicloud.conductor import audit, duties, reclaim

    options = conf.conductor
    found = [
        duties.Duty(duties.AUDIT, options.audit_interval_s, audit.Audit(books).work),
        duties.Duty(duties.RECLAIM, options.reclaim_interval_s, reclaim.Reclaim(books).work),
    ]
    return duties.Duties(books, election, [duty for duty in found if duty.period_s > 0])


def _locks(running: Running, conf: cfg.ConfigOpts, ttl_s: float, clock: Clock) -> Locks | None:
    """What elects where the service group has a store."""
    if driver_of(conf.servicegroup.driver) not in STORES:
        return None
    from minicloud.servicegroup import stores
    from minicloud.servicegroup.locks import StoreLocks

    locks = StoreLocks(lambda: stores.connect(conf), ttl_s, clock)
    running.loop("locks", locks.look, look_interval_s(ttl_s))
    return locks
