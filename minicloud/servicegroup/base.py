"""The contract of a service group, whatever keeps it.

A group is a kind of program (nova-compute), a member one of them (a host). Two sides: a program
holds a `Lease` on its own membership; who asks has a `ServiceGroup`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

COMPUTE, CONDUCTOR, SCHEDULER = "nova-compute", "nova-conductor", "nova-scheduler"


@dataclass(frozen=True)
class Standing:
    """What is known of a member: `heard_at` when it was last known to be alive (UTC), `age_s`
    seconds since then, both None where that was never; `source` who says so: the driver's name."""

    up: bool
    heard_at: datetime | None
    age_s: float | None
    source: str


@dataclass(frozen=True)
class Store:
    """What the members are kept in. `address` is for people and holds no password. `away_s`: for
    how long it could not be read, None while it can, and `trouble` why. `settles_s`: for so long
    nobody who is missing is called down, as it was away until just now."""

    driver: str
    address: str
    away_s: float | None = None
    trouble: str = ""
    settles_s: float = 0.0


class Lease(Protocol):
    """The membership of one program: of itself, or of the hosts that it looks after.

    Nothing here waits for the store, but `join`, `leave` and `close` do, for a bounded time.
    """

    def join(self, members: Mapping[str, int], group: str) -> None:
        """Become these members (name -> epoch), and stay so as long as `renew` is called.

        A lease of the same name and no higher epoch that is still there is taken over. NameTaken
        where one of a higher epoch is there. StoreDown where the store cannot be reached just
        now: the members are joined then as soon as it can be.
        """

    def renew(self) -> None:
        """Say that the work goes on; called by the loop that serves it, often, and never blocks.

        Without it the members are gone within the ttl, though the process and its connections
        live on. What the store lost meanwhile is joined again.
        """

    def leave(self) -> None:
        """Be gone at once."""

    def close(self) -> None:
        """Leave, and let go of the store."""

    @property
    def lost_to(self) -> str | None:
        """Who has taken the name over since; nothing is renewed then, until the next `join`."""


class ServiceGroup(Protocol):
    def join(self, member: str, group: str) -> None:
        """Become a member and stay one: `beat` renews it until `leave`."""

    def leave(self, member: str, group: str) -> None:
        """Be gone at once."""

    def beat(self, *, reached: bool = True) -> None:
        """Renew the members that joined through this object, where the program is `reached`: what
        it says to itself arrives. Called by a loop, also where it is not."""

    def renew(self, members: Collection[str], group: str) -> None:
        """Note members that live elsewhere and have just been heard of; drivers whose members
        hold leases of their own have no use for it."""

    def get_all(self, group: str) -> set[str]:
        """The members that are alive."""

    def get_one(self, group: str) -> str | None:
        """Any one member that is alive."""

    def service_is_up(self, member: str, group: str) -> bool: ...

    def known(self, group: str) -> set[str]:
        """The members that there are, alive or not."""

    def down(self, group: str) -> set[str]:
        """The members that are known and are not alive."""

    def lately(self, group: str) -> set[str]:
        """The members that are not alive and were not long ago: they may be back in a moment.

        Not those that an operator has called down.
        """

    def updated_time(self, member: str, group: str) -> datetime | None:
        """When the member was last heard of."""

    def standings(self, group: str) -> Mapping[str, Standing]:
        """What is known of each member; forced down is down."""

    def store(self) -> Store:
        """What keeps it, as it was found at the last look; asks nothing of the store itself."""

    def watch(
        self, group: str, joined: Callable[[str], None], left: Callable[[str], None]
    ) -> Callable[[], None]:
        """Call these with the name of who joins or leaves from now on; returns what ends it.

        They are called by `look`, in its thread.
        """

    def look(self) -> None:
        """Look at who is there now and tell those who watch; called by a loop of the program."""

    def close(self) -> None:
        """Leave what was joined here, and let go of the store."""
