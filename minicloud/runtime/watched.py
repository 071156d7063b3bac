"""What a supervisor knows of one child."""

from datetime import datetime

from minicloud.runtime.backoff import Backoff
from minicloud.runtime.clock import Clock
from minicloud.runtime.life import Life
from minicloud.runtime.programs import Runnable
from minicloud.runtime.runfile import Child


class Watched:
    """A child over all its lives."""

    def __init__(self, spec: Runnable, clock: Clock) -> None:
        self.spec = spec
        self.life: Life | None = None
        self.ready = False
        self.busy = False  # under a rolling restart, which looks after it
        self.restarts = 0
        self.due: float | None = None  # when to start it again after a death
        self._clock, self._backoff = clock, Backoff()
        self._since, self._since_at = 0.0, clock.now()

    def launch(self) -> Life:
        self.due = None
        life = self.spec.launch()
        self.take(life, ready=False)
        return life

    def take(self, life: Life, ready: bool) -> None:
        """Watch this life from now on."""
        self.life, self.ready = life, ready
        self._since, self._since_at = self._clock.monotonic(), self._clock.now()

    def died(self) -> float:
        """Plan the next start; returns the seconds until then."""
        wait_s = self._backoff.after(self._clock.monotonic() - self._since)
        self.due = self._clock.monotonic() + wait_s
        self.ready = False
        return wait_s

    def child(self) -> Child:
        """What `run.json` says of it."""
        return Child(
            name=self.spec.name,
            service=self.spec.service,
            pid=self.life.pid if self.life else 0,
            process_started=self.life.started if self.life else "",
            state=self._state(),
            restarts=self.restarts,
            started_at=at(self._since_at),
            log=str(self.spec.log),
            ports=self.spec.ports,
        )

    def _state(self) -> str:
        if self.busy:
            return "restarting"
        if self.due is not None:
            return "waiting"
        if self.life is None or self.life.over:
            return "stopped"
        return "running" if self.ready else "starting"


def at(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"
