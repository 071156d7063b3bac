"""Hears what operators say on a channel of Redis, and looks whether the limits have changed.

Nothing depends on a message: each step also asks Redis for the version of the limits.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from minicloud.runtime.clock import Clock
from minicloud.runtime.dice import Dice

if TYPE_CHECKING:
    from redis import Redis
    from redis.client import PubSub

LOG = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.4
KEPT_ERRORS: Final = 100
_LISTEN_S: Final = 0.2
_LONGEST_COMMAND: Final = 1000
LONGEST_SPREAD_S: Final = 3600.0


class Shared(Protocol):
    @property
    def version(self) -> int: ...

    @property
    def problem(self) -> str:
        """Why what Redis has is not what counts; "": it does."""

    def refresh(self) -> None:
        """Take over what Redis has, if it has another version."""

    def reread(self) -> None:
        """The same, whatever version it has."""


class Refused(Exception):
    """A command that cannot be obeyed; its text says why."""


class ControlChannel:
    """`ping`, `state` and `reload`; what cannot be obeyed is told to the channel of errors."""

    def __init__(
        self,
        client: "Redis",
        source: Shared,
        channel: str,
        node: str,
        clock: Clock,
        dice: Dice,
        spread_s: float = 0.0,
    ) -> None:
        self._client, self._source, self._clock, self._dice = client, source, clock, dice
        self._channel, self._node, self._spread_s = channel, node.replace(":", "_"), spread_s
        self._subscription: PubSub | None = None
        self._away = False
        self._look_at = self._clock.monotonic()
        self._reread_at: float | None = None
        self._problem = ""
        self._commands: dict[str, Callable[[str], None]] = {
            "ping": self._ping,
            "state": self._state,
            "reload": self._reload,
        }

    def step(self) -> None:
        """Hear one command, if one comes soon, and look at the version when that is due."""
        from redis.exceptions import RedisError

        try:
            self._hear()
            self._look()
        except RedisError as error:
            self._lost(error)
        else:
            if self._away:
                LOG.warning("Redis is back: hearing %r again", self._channel)
            self._away = False

    def close(self) -> None:
        """Hear no more."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def _hear(self) -> None:
        if self._subscription is None:
            self._subscription = self._client.pubsub(  # type: ignore[no-untyped-call]
                ignore_subscribe_messages=True
            )
            self._subscription.subscribe(self._channel)
        message = self._subscription.get_message(timeout=_LISTEN_S)
        if message is not None and message["type"] == "message":
            self._obey(message["data"])

    def _look(self) -> None:
        now = self._clock.monotonic()
        if self._reread_at is not None and now >= self._reread_at:
            self._reread_at = None
            self._source.reread()
        elif now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._source.refresh()
        if self._source.problem and self._source.problem != self._problem:
            self._complain(self._source.problem)
        self._problem = self._source.problem

    def _lost(self, error: Exception) -> None:
        if not self._away:
            LOG.warning("the limits' Redis is away; going on with what is known: %s", str(error))
        self._away = True
        self.close()
        self._clock.sleep(LOOK_EVERY_S)

    def _obey(self, data: bytes | str) -> None:
        text = data.decode(errors="replace") if isinstance(data, bytes) else data
        word, _, rest = text[:_LONGEST_COMMAND].partition(":")
        try:
            if word.startswith("_") or word not in self._commands:
                known = ", ".join(self._commands)
                raise Refused(f"there is no command {word[:50]!r}; known are {known}")
            self._commands[word](rest)
        except Refused as error:
            self._complain(str(error))

    def _ping(self, rest: str) -> None:
        """ping:<reply channel>[:data] is answered with pong:<node>[:data]."""
        self._answer("pong", rest)

    def _state(self, rest: str) -> None:
        """state:<reply channel>[:data] is answered with state:<node>:<version>[:data]."""
        self._answer("state", rest, str(self._source.version))

    def _answer(self, word: str, rest: str, *facts: str) -> None:
        channel, colon, data = rest.partition(":")
        if not channel:
            raise Refused("a channel to answer on is wanted, as ping:<channel>[:data]")
        self._client.publish(channel, ":".join((word, self._node, *facts)) + colon + data)

    def _reload(self, rest: str) -> None:
        """reload[:immediate | :spread:<seconds>]: read all, at once or at some moment of these.

        Another version is taken over as soon as it is seen, whatever is spread.
        """
        how, _, value = rest.partition(":")
        spread_s = {"": self._spread_s, "immediate": 0.0}.get(how, -1.0)
        if how == "spread":
            spread_s = _seconds(value)
        if spread_s < 0:
            raise Refused("reload, reload:immediate or reload:spread:<seconds> is wanted")
        self._reread_at = self._clock.monotonic() + self._dice.uniform(0.0, spread_s)

    def _complain(self, text: str) -> None:
        """Log it, tell whoever listens, and keep it with the newest of its kind."""
        LOG.warning("%s: %s", self._channel, text)
        line, key = f"{self._node}: {text}", errors_of(self._channel)
        pipe = self._client.pipeline()
        pipe.zadd(key, {line: self._clock.now().timestamp()})
        pipe.zremrangebyrank(key, 0, -KEPT_ERRORS - 1)
        pipe.publish(key, line)
        pipe.execute()


def errors_of(channel: str) -> str:
    """The channel on which errors are told, and the key under which the newest are kept."""
    return f"{channel}:errors"


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        return -1.0
    return seconds if 0 <= seconds <= LONGEST_SPREAD_S else -1.0
