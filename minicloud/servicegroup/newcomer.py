"""How a program gets its name: at once where the one that had it has ended, or else by waiting."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from minicloud.errors import CannotStart, NameAlike, NameTaken
from minicloud.runtime import owner as owners
from minicloud.runtime.clock import Clock
from minicloud.runtime.owner import Owner

LOG = logging.getLogger(__name__)
Ask = Callable[[Sequence[str]], Mapping[str, int]]  # nonces of who has ended -> name -> epoch
IsGone = Callable[[Owner], bool]
_PAUSE_S = 1.0
_TELL = 5  # times that a wait is told of
_LONGEST = 255  # letters, as the columns for names have room for


def check(names: Sequence[str]) -> None:
    """CannotStart where no database could keep these names, or not tell them apart."""
    for name in names:
        if not 0 < len(name) <= _LONGEST or not name.isprintable() or name != name.strip():
            raise CannotStart(
                f"{name[:_LONGEST]!r} cannot be the name of a service or host: it takes 1 to "
                f"{_LONGEST} printable characters, without spaces at its ends"
            )
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise CannotStart(f"[compute] hosts names more than once: {', '.join(twice)}")


def take(ask: Ask, is_gone: IsGone = owners.is_gone) -> Mapping[str, int]:
    """The epochs. NameTaken where a program has a name that is not known to have ended."""
    ended: list[str] = []
    while True:
        try:
            return ask(ended)
        except NameTaken as taken:
            other: Owner = taken.args[2]
            if other["nonce"] in ended or not is_gone(other):
                raise
            LOG.info("%s: instead of %s, which has ended", taken.args[0], owners.told(other))
            ended.append(other["nonce"])


def wait(
    ask: Ask, clock: Clock, patience_s: float, is_gone: IsGone = owners.is_gone
) -> Mapping[str, int]:
    """The same, after as long as it takes for one that has ended elsewhere to be known as such.

    CannotStart where that one goes on to live, or the database cannot tell two names apart.
    """
    begun = clock.monotonic()
    tell_at = begun
    while True:
        try:
            return take(ask, is_gone)
        except NameAlike as error:
            raise CannotStart(
                f"{error}: give it another ([DEFAULT] host, [compute] hosts)"
            ) from None
        except NameTaken as taken:
            name, who, *_more = taken.args
            now = clock.monotonic()
            left_s = begun + patience_s - now
            if left_s <= 0:
                raise CannotStart(
                    f"{name} is served by another program, which goes on to live: {who}. "
                    "Stop it, or give this one another name ([DEFAULT] host, [compute] hosts)."
                ) from None
            if now >= tell_at:
                tell_at = now + patience_s / _TELL
                text = "%s is served by another program: %s; waiting for its end, %.0f s more"
                LOG.warning(text, name, who, left_s)
            clock.sleep(min(_PAUSE_S, patience_s / 20))
