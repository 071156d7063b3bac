"""A rolling restart: one process after the other, the next when the last one serves."""

from collections.abc import Callable, Generator, Sequence

from minicloud.errors import MinicloudError
from minicloud.runtime.clock import Clock
from minicloud.runtime.life import Life, with_log
from minicloud.runtime.watched import Watched

Tell = Callable[[str], None]
Step = Generator[None, None, bool]


def roll(children: Sequence[Watched], clock: Clock, tell: Tell) -> Step:
    """Restart each; every `yield` lets the supervisor look after the others. True: all done."""
    for watched in children:
        watched.busy = True
        before = watched.life.pid if watched.life else 0
        try:
            change = _successor if watched.spec.overlap else _stop_then_start
            if not (yield from change(watched, clock, tell)):
                return False
        except (MinicloudError, OSError) as error:
            tell(f"{watched.spec.name}: {error}")
            return False
        finally:
            watched.busy = False
        watched.restarts += 1
        after = watched.life.pid if watched.life else 0
        tell(f"{watched.spec.name} restarted: pid {before} -> {after}")
    return True


def _successor(watched: Watched, clock: Clock, tell: Tell) -> Step:
    """The new one serves before the old one goes; if it cannot, the old one stays."""
    old = watched.life
    new = watched.spec.launch(instead_of=old.pid if old is not None else 0)
    if not (yield from _until_ready(watched, new, clock)):
        new.end(1.0)
        text = f"{watched.spec.name}: the new process {_trouble(new)}; the old one stays"
        tell(with_log(text, watched.spec.log))
        return False
    watched.take(new, ready=True)
    if old is not None:
        yield from _until_over(watched, old, clock)
    return True


def _stop_then_start(watched: Watched, clock: Clock, tell: Tell) -> Step:
    """For what must not run twice: an agent of a host, a server with its data."""
    if watched.life is not None:
        yield from _until_over(watched, watched.life, clock)
    new = watched.launch()
    if not (yield from _until_ready(watched, new, clock)):
        tell(with_log(f"{watched.spec.name}: the new process {_trouble(new)}", watched.spec.log))
        return False
    watched.ready = True
    return True


def _trouble(life: Life) -> str:
    return life.how_it_ended() if life.over else "was not ready in time"


def _until_ready(watched: Watched, life: Life, clock: Clock) -> Step:
    until = clock.monotonic() + watched.spec.start_patience_s
    while not life.is_ready():
        if life.over or clock.monotonic() > until:
            return False
        yield
    return True


def _until_over(watched: Watched, life: Life, clock: Clock) -> Step:
    life.send(watched.spec.stop_signal)
    until = clock.monotonic() + watched.spec.stop_patience_s
    while not life.over:
        if clock.monotonic() > until:
            life.end(0.0)
        yield
    return True
