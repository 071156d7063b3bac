"""The contract of a service group, whatever keeps it.

A group is a kind of program (nova-compute), a member one of them (a host).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

COMPUTE, CONDUCTOR, SCHEDULER = "nova-compute", "nova-conductor", "nova-scheduler"


class ServiceGroup(Protocol):
    def join(self, member: str, group: str) -> None:
        """Become a member and stay one: `beat` renews it until `leave`."""

    def leave(self, member: str, group: str) -> None:
        """Be gone at once."""

    def beat(self) -> None:
        """Renew the members that joined through this object."""

    def renew(self, members: Collection[str], group: str) -> None:
        """Renew members that live elsewhere and have just been heard of."""

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
