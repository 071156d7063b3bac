"""What a member's place in a store says: which hosts it stands for, in which epochs, and whose
it is."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """`nonce` tells one holder of a name from the next; `beats` counts where a store needs it."""

    hosts: Mapping[str, int]
    owner: str = ""
    nonce: str = ""
    beats: int = field(default=0, compare=False)

    @classmethod
    def said_by(cls, member: str, capabilities: object) -> "Entry":
        """What is said of a member; one that says nothing, as of another program, is itself."""
        said = capabilities if isinstance(capabilities, dict) else {}
        hosts = said.get("hosts")
        if not isinstance(hosts, dict):
            hosts = {member: 0}
        return cls(
            {str(host): _number(epoch) for host, epoch in hosts.items()},
            str(said.get("owner", "")),
            str(said.get("nonce", "")),
            _number(said.get("beats", 0)),
        )

    def capabilities(self) -> dict[str, Any]:
        return {"hosts": dict(self.hosts), "owner": self.owner, "nonce": self.nonce}

    def outranks(self, other: "Entry") -> bool:
        """Whether it stands for a host of the other's in a later epoch."""
        return any(self.hosts.get(host, -1) > epoch for host, epoch in other.hosts.items())

    def equals(self, other: "Entry") -> bool:
        """Whether it stands for a host of the other's in the same epoch."""
        return any(self.hosts.get(host, -1) == epoch for host, epoch in other.hosts.items())


@dataclass(frozen=True)
class Reading:
    """The members of a group, and a mark that changes when the store has lost what it knew."""

    members: Mapping[str, Entry]
    mark: Hashable | None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
