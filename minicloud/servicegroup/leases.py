"""Which lease a program holds, by the configuration; knows no database."""

import os
import socket
from collections.abc import Mapping

from oslo_config import cfg

from minicloud.runtime.clock import Clock
from minicloud.servicegroup.address import STORES, driver_of
from minicloud.servicegroup.base import Lease


class NoLease:
    """Where no store keeps members, an agent is known by what it reports, and holds nothing."""

    lost_to: str | None = None

    def join(self, members: Mapping[str, int], group: str) -> None:
        """Nothing to join."""

    def renew(self) -> None:
        """Nothing to renew."""

    def leave(self) -> None:
        """Nothing to leave."""

    def close(self) -> None:
        """Nothing to let go of."""


def is_kept_in_store(conf: cfg.ConfigOpts) -> bool:
    """Whether members hold leases of their own."""
    return driver_of(conf.servicegroup.driver) in STORES


def lease_of(conf: cfg.ConfigOpts, name: str, clock: Clock) -> Lease:
    """The lease of the program `name`; CannotStart where its store cannot be used."""
    if not is_kept_in_store(conf):
        return NoLease()
    from minicloud.servicegroup import stores  # tooz takes a third of a second to import
    from minicloud.servicegroup.keeper import Keeper

    period_s = conf.servicegroup.report_interval_s
    return Keeper(stores.connect(conf, clock), name, owner_text(name), period_s, clock)


def owner_text(name: str) -> str:
    """How another program is told whose a name is."""
    return f"{name}, process {os.getpid()} on {socket.gethostname()}"
