"""Whether the hosts of an agent are in the service group: as long as it works and is reached."""

import logging
from collections.abc import Iterable, Mapping

from minicloud.errors import MinicloudError
from minicloud.rpc.pulse import Reached, Unproved
from minicloud.runtime.clock import Clock
from minicloud.servicegroup.base import COMPUTE, Lease

LOG = logging.getLogger(__name__)


class Membership:
    """A poll that got its assignments, told what it saw and heard its own pulse renews it.

    Who runs the agent sets `pulse`, and `lease` where members hold leases; elsewhere a report that
    does not say that its agent is deaf is the renewal.
    """

    def __init__(self, clock: Clock, ttl_s: float) -> None:
        self._clock, self._ttl_s = clock, ttl_s
        self.pulse: Reached = Unproved()
        self.lease: Lease | None = None
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
        if self.lease is None or not self._is_heard:
            return
        since = self._clock.monotonic() - self._ttl_s
        members = {h: e for h, e in epochs.items() if self._told_at.get(h, since) > since}
        try:
            self._hold(self.lease, members)
        except MinicloudError as error:
            LOG.warning("%s: not in the service group: %s", ", ".join(sorted(members)), error)

    def _hold(self, lease: Lease, members: dict[str, int]) -> None:
        if members == self._joined and lease.lost_to is None:
            lease.renew()
        elif members:
            self._joined = {}
            lease.join(members, COMPUTE)
            self._joined = members
        else:
            self.leave()

    def leave(self) -> None:
        """Be gone at once."""
        if self.lease is not None and self._joined:
            self._joined = {}
            self.lease.leave()
