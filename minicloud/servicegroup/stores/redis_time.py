"""Notices that the time of day of a server was set, by a clock that only goes on."""

from math import inf
from typing import Final

_LEAST_S: Final = 0.5


class ServerTime:
    """Redis ends keys by its time of day: set forward it ends all at once, set back none for long.

    `jumps` counts both; `back_at` is when it was last set back, on the clock that goes on.
    """

    def __init__(self) -> None:
        self._least, self._most = -inf, inf  # the server's time, less that of the clock
        self.jumps = 0
        self.back_at: float | None = None

    def told(self, server_s: float, asked: float, answered: float) -> None:
        """The server said its time at some moment between these."""
        least, most = server_s - answered, server_s - asked
        forward, back = least > self._most + _LEAST_S, most < self._least - _LEAST_S
        if forward or back:
            self.jumps += 1
        if back:
            self.back_at = answered
        self._least, self._most = least, most
