"""Which hosts are this agent's now, in which epoch, and which another program has."""

import logging
import threading
from collections.abc import Collection, Mapping
from functools import partial

from minicloud.errors import CannotStart, MinicloudError, NameTaken, PeerTooOld, StaleEpoch
from minicloud.rpc.conductor import ConductorClient
from minicloud.runtime import owner as owners
from minicloud.runtime.clock import Clock
from minicloud.runtime.owner import Owner
from minicloud.servicegroup import newcomer
from minicloud.servicegroup.newcomer import IsGone

LOG = logging.getLogger(__name__)
_ASK_AGAIN_S = 5.0  # a conductor of an older release may be followed by a newer one


class Enlistment:
    """A host is looked after in a *term*: from the moment that it was enlisted until somebody
    says that its epoch has passed. What was begun in one term is not done in another."""

    def __init__(
        self,
        agent: str,
        hosts: Collection[str],
        conductor: ConductorClient,
        clock: Clock,
        ttl_s: float,
        owner: Owner | None = None,
        is_gone: IsGone = owners.is_gone,
    ) -> None:
        self._agent, self._hosts, self._conductor = agent, list(hosts), conductor
        self._clock, self._ttl_s, self._is_gone = clock, ttl_s, is_gone
        self._owner = owner or owners.this_process("nova-compute")
        self._epochs: dict[str, int] = {}
        self._terms: dict[str, int] = {}
        self._confirmed_at: dict[str, float] = {}
        self._fresh: set[str] = set()
        self._taken: set[str] = set()
        self._ask_at: float | None = None  # monotonic; an old conductor is asked again then
        self._count = 0
        self._asked_at = clock.monotonic()
        self._lock = threading.Lock()

    @property
    def epochs(self) -> dict[str, int]:
        """Of the hosts that are this agent's; 0 where no conductor has told one."""
        with self._lock:
            return {host: self._epochs.get(host, 0) for host in self._terms}

    def of(self, hosts: Collection[str]) -> dict[str, int]:
        """The epochs to speak in of these hosts."""
        with self._lock:
            return {host: self._epochs[host] for host in hosts if host in self._epochs}

    def begin(self) -> None:
        """Enlist all hosts. CannotStart where another program has one and goes on to live; what
        no conductor answers to is asked again by `renew`."""
        newcomer.check(self._hosts)
        ask = partial(self._ask, self._hosts)
        try:
            self._take_over(newcomer.wait(ask, self._clock, 1.5 * self._ttl_s, self._is_gone))
        except CannotStart:
            raise
        except PeerTooOld:
            self._do_without(self._hosts)
        except MinicloudError as error:
            LOG.warning("no conductor knows of this agent yet (%s); asking again", error)

    def renew(self, hosts: Collection[str]) -> list[str]:
        """Enlist those of these hosts that are not; which of them are this agent's now."""
        missing = self._missing(hosts)
        while missing:
            try:
                ask = partial(self._ask, missing)
                self._take_over(newcomer.take(ask, self._is_gone))
                break
            except PeerTooOld:
                self._do_without(missing)
                break
            except NameTaken as taken:
                self._wait_for(taken)
                missing = [host for host in missing if host != taken.args[0]]
        with self._lock:
            return [host for host in hosts if host in self._terms]

    def _missing(self, hosts: Collection[str]) -> list[str]:
        with self._lock:
            is_time = self._ask_at is not None and self._clock.monotonic() >= self._ask_at
            done = self._epochs if is_time else self._terms
            return [host for host in hosts if host not in done]

    def _ask(self, hosts: Collection[str], ended: Collection[str]) -> Mapping[str, int]:
        self._asked_at = self._clock.monotonic()
        return self._conductor.enlist(self._agent, list(hosts), self._owner, list(ended))

    def leave(self) -> None:
        """Be down at once: the end is near."""
        mine = sorted(self.of(self._hosts))
        if mine:
            self._conductor.leave(self._agent, mine, str(self._owner["nonce"]))

    def resign(self) -> None:
        """Let go of the hosts; who comes next need not wait."""
        mine = sorted(self.of(self._hosts))
        if mine:
            self._conductor.resign(self._agent, mine, str(self._owner["nonce"]))

    def fresh(self, hosts: Collection[str]) -> list[str]:
        """Those that were enlisted since they were looked at last."""
        with self._lock:
            return [host for host in hosts if host in self._fresh]

    def looked(self, hosts: Collection[str]) -> None:
        """Everything on them is known."""
        with self._lock:
            self._fresh -= set(hosts)

    def term(self, host: str) -> int | None:
        with self._lock:
            return self._terms.get(host)

    def confirm(self, hosts: Collection[str], asked_at: float) -> None:
        """A conductor heard these, in their epochs, when it was asked at this moment or later."""
        with self._lock:
            self._confirmed_at.update({h: asked_at for h in hosts if h in self._terms})

    def holds(self, host: str, term: int | None) -> bool:
        """Whether something may be done on the host that was to be done in this term.

        Not when no conductor has been heard for so long that the host may be given up: this
        program may have been stopped for a while, and not know it.
        """
        with self._lock:
            heard_s = self._clock.monotonic() - self._confirmed_at.get(host, 0.0)
            return term is not None and self._terms.get(host) == term and heard_s <= self._ttl_s

    def lose(self, stale: Mapping[str, int]) -> None:
        """These are in other epochs now."""
        for host, epoch in stale.items():
            with self._lock:
                mine = self._epochs.pop(host, None)
                self._terms.pop(host, None)
            if mine is not None:
                LOG.warning("%s; asking for it again", StaleEpoch(host, mine, epoch))

    def _take_over(self, epochs: Mapping[str, int]) -> None:
        with self._lock:
            came_back = self._taken & epochs.keys()
            self._taken -= came_back
            self._epochs.update(epochs)
            self._begin_terms(epochs)
            if len(self._epochs) == len(self._hosts):
                self._ask_at = None
        for host in sorted(came_back):
            LOG.warning("%s: the other program is gone; looking after the host again", host)

    def _do_without(self, hosts: Collection[str]) -> None:
        """Look after them as before there were epochs."""
        with self._lock:
            is_new = self._ask_at is None
            self._ask_at = self._clock.monotonic() + _ASK_AGAIN_S
            self._begin_terms([host for host in hosts if host not in self._terms])
        if is_new:
            LOG.warning("the conductor is of an older release: hosts have no epochs for now")

    def _begin_terms(self, hosts: Collection[str]) -> None:
        self._count += 1
        self._terms.update(dict.fromkeys(hosts, self._count))
        self._confirmed_at.update(dict.fromkeys(hosts, self._asked_at))
        self._fresh |= set(hosts)

    def _wait_for(self, taken: NameTaken) -> None:
        host, who, *_more = taken.args
        with self._lock:
            is_new = host not in self._taken
            self._taken.add(host)
            self._terms.pop(host, None)  # it may have been looked after as before epochs
        if is_new:
            LOG.error(
                "%s is served by another program: %s. This one touches nothing on it, and goes "
                "on to ask for it until the other is gone",
                *(host, who),
            )
