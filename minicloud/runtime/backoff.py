"""How long to wait before starting again what keeps dying."""

FIRST_S = 0.2
LONGEST_S = 10.0
CALM_S = 30.0


class Backoff:
    """Doubles with every death; a life of half a minute makes up for those before."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    def after(self, lived_s: float) -> float:
        """Seconds to wait now that it died at this age."""
        if lived_s >= CALM_S:
            self._next_s = FIRST_S
        wait_s, self._next_s = self._next_s, min(self._next_s * 2, LONGEST_S)
        return wait_s
