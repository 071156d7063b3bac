"""Whether the hosts of an agent are in the service group: as long as it works and is reached."""

import logging
from collections.abc import Iterable, Mapping

from minicloud.errors import NameTaken, StoreDown
from minicloud.rpc.pulse import Reached, Unproved
from minicloud.runtime.clock import Clock
from minicloud.servicegroup.base import COMPUTE, Lease

LOG = logging.getLogger(__name__)


class Membership:
    """A poll that got its assignments, told what it saw and heard its own pulse renews it; and
    one that no conductor answers in time, where they are busy or wait for the database.

    The lease, where members hold one; elsewhere a report that does not say that its agent is deaf
    is the renewal. Who serves the agent sets `pulse`.
    """

    def __init__(self, lease: Lease, clock: Clock, ttl_s: float) -> None:
        self._lease, self._clock, self._ttl_s = lease, clock, ttl_s
        self.pulse: Reached = Unproved()
        self._is_heard = True
        self._joined: dict[str, int] = {}
        self._told_at: dict[str, float] = {}

    def begin(self) -> None:
        """A poll begins: what is heard until its report proves that the agent is reached."""
        self._is_heard = False
        self.pulse.send()

    def is_deaf(self) -> bool:
        """Whether nothing was heard in this poll, or in the last one where none is under way."""
        self._is_heard = self._is_heard or self.pulse.take()
        return not self._is_heard

    def tell(self, hosts: Iterable[str]) -> None:
        """A report of these hosts was taken."""
        self._told_at.update(dict.fromkeys(hosts, self._clock.monotonic()))

    def renew(self, epochs: Mapping[str, int]) -> None:
        """A poll has ended well. Not of a host that its driver could not look at for a ttl."""
        if not self._is_heard:
            return
        since = self._clock.monotonic() - self._ttl_s
        members = {h: e for h, e in epochs.items() if self._told_at.get(h, since) > since}
        if members == self._joined and self._lease.lost_to is None:
            self._lease.renew()
        else:
            self._join(members)

    def go_on(self) -> None:
        """A poll got no answer, which is not for want of this agent: its loop goes round, and if
        it heard its pulse others can reach it."""
        if self._joined and self._lease.lost_to is None and not self.is_deaf():
            self._lease.renew()

    def close(self) -> None:
        """Be gone at once, and for good."""
        self._lease.close()

    def _join(self, members: Mapping[str, int]) -> None:
        self._joined = dict(members)
        try:
            if members:
                self._lease.join(members, COMPUTE)
            else:
                self._lease.leave()
        except StoreDown as error:
            LOG.warning("%s; the hosts join when it can be reached", error)
        except NameTaken as error:
            self._joined = {}
            LOG.error("%s; these hosts are not in the service group", error)
