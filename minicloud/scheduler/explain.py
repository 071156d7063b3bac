"""Why no host was chosen, in numbers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

ERROR_SUFFIX = " (filter error)"
WEIGHER_ERROR_SUFFIX = " (weigher error)"


class Measure(NamedTuple):
    """What a filter asked of a host and what the host has, as short texts with their units."""

    wanted: str
    available: str


@dataclass(frozen=True)
class Refusal:
    """`counts`: filter -> hosts that it was the first to refuse; they add up to `hosts`.

    `waiting`: some hosts are down that were alive not long ago: they may be back in a moment.
    """

    hosts: int
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: bool = False

    @property
    def sentence(self) -> str:
        if not self.hosts:
            return "There are not enough hosts available: the cloud has no hosts."
        parts = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        hosts = "1 host" if self.hosts == 1 else f"{self.hosts} hosts"
        return f"There are not enough hosts available. Of {hosts}, refused by: {parts}."

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "sentence": self.sentence}
