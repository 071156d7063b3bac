"""Why no host was chosen, in numbers; and what a filter measured of one host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from minicloud.scheduler.explanation import Explanation

ERROR_SUFFIX = " (filter error)"
WEIGHER_ERROR_SUFFIX = " (weigher error)"
CLAIM = "claim"  # the reason where no filter minds, and there is no room all the same


class Measure(NamedTuple):
    """What a filter asked of a host and what the host has, as short texts with their units."""

    wanted: str
    available: str


@dataclass(frozen=True)
class Refusal:
    """`counts`: filter -> hosts that it was the first to refuse; they add up to `hosts`.

    `waiting`: some hosts are down that were alive not long ago: they may be back in a moment.
    `asked`: instances that get hosts together or not at all; `found`: hosts found before this one.
    `explanation`: host by host, when the refusal is final. `steps`: how hosts dropped out
    (select.winnowed), of which that is made.
    """

    hosts: int
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: bool = False
    asked: int = 1
    found: int = 0
    explanation: Explanation | None = None
    steps: Sequence[tuple[str, Any]] = field(default=(), compare=False, repr=False)

    def among(self, asked: int, found: int) -> "Refusal":
        """The same of one of so many that were asked for together."""
        return replace(self, asked=asked, found=found)

    @property
    def sentence(self) -> str:
        if not self.hosts:
            return "There are not enough hosts available: the cloud has no hosts."
        if self.asked > 1:
            return f"{self._of_one} {self.asked} were asked for together; {self.found} would fit."
        return self._of_one

    @property
    def _of_one(self) -> str:
        parts = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        hosts = "1 host" if self.hosts == 1 else f"{self.hosts} hosts"
        return f"There are not enough hosts available. Of {hosts}, refused by: {parts}."

    def to_dict(self) -> dict[str, Any]:
        facts = {"hosts": self.hosts, "counts": dict(self.counts), "waiting": self.waiting}
        if self.asked > 1:
            facts |= {"asked": self.asked, "found": self.found}
        if self.explanation is not None:
            facts["explanation"] = self.explanation.to_dict()
        return {**facts, "sentence": self.sentence}
