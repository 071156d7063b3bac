"""Whether a conductor has been there long enough to judge others by their silence."""

_GAP = 0.5  # of the down time: a pause between two looks after which the watch begins again
_ALL_SILENT = 5  # down times: when nobody at all is heard, it is more likely the line than they


class Watch:
    """`may_judge` once there was no gap in the looks for `down_time_s`.

    When all hosts are silent at once the bus or the database was away, not they: then it takes
    five times as long, and as soon as one is heard the others have their time again.
    """

    def __init__(self, down_time_s: float, moment: float) -> None:
        self._down_time_s = down_time_s
        self._since = self._last = self._now = moment
        self._silent_since: float | None = None

    def look(self, moment: float) -> None:
        """Note that the conductor works at this moment (monotonic seconds)."""
        if moment - self._last > _GAP * self._down_time_s:
            self._since = moment
        self._last = self._now = moment

    def hear(self, moment: float, *, silence: bool) -> None:
        """Note whether no host at all is heard."""
        if not silence:
            if self._silent_since is not None:
                self._silent_since, self._since = None, moment
        elif self._silent_since is None:
            self._silent_since = moment

    @property
    def may_judge(self) -> bool:
        if self._silent_since is not None:
            patience_s = _ALL_SILENT * self._down_time_s
            return self._now - max(self._silent_since, self._since) >= patience_s
        return self._now - self._since >= self._down_time_s
