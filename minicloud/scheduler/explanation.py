"""What is told of a decision: of all hosts in numbers, of some of them one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refused:
    """A host and the first reason to refuse it, with what was wanted and what is there."""

    host: str
    node: str
    reason: str
    wanted: str
    available: str


@dataclass(frozen=True)
class Score:
    """What a weigher said of a host; `weighted` is what counts: multiplier times normalised."""

    weigher: str
    raw: float
    normalised: float
    multiplier: float
    weighted: float


@dataclass(frozen=True)
class Accepted:
    """A host that could be taken, and the sum of its scores."""

    host: str
    node: str
    total: float
    scores: Sequence[Score] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "scores": [vars(score) for score in self.scores]}


@dataclass(frozen=True)
class Explanation:
    """`counts`: reason -> hosts that it was the first to refuse; with `accepted` they add up to
    `hosts`. `refused` and `best` tell of some hosts, the best first."""

    hosts: int
    accepted: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    refused: Sequence[Refused] = ()
    best: Sequence[Accepted] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "hosts": self.hosts,
            "accepted": self.accepted,
            "counts": dict(self.counts),
            "refused": [vars(one) for one in self.refused],
            "best": [one.to_dict() for one in self.best],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Explanation":
        best = [
            Accepted(**{**one, "scores": [Score(**score) for score in one["scores"]]})
            for one in told["best"]
        ]
        refused = [Refused(**one) for one in told["refused"]]
        return cls(told["hosts"], told["accepted"], dict(told["counts"]), refused, best)
