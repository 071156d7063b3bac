"""Asks the API processes on their channel, and hears who answers."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from minicloud.runtime.clock import Clock

if TYPE_CHECKING:
    from redis import Redis

_WAIT_S: Final = 2.0


@dataclass(frozen=True)
class Present:
    """An API process that has answered."""

    node: str
    facts: str  # what it said beside
    after_s: float


def call(
    client: "Redis", channel: str, word: str, clock: Clock, wait_s: float = _WAIT_S
) -> Iterator[Present]:
    """Each process as it answers, until all that hear have, or the time is over."""
    replies = f"minicloud-manage-{secrets.token_hex(8)}"
    subscription = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    try:
        subscription.subscribe(replies)
        subscription.get_message(timeout=wait_s)  # that it is subscribed
        began = clock.monotonic()
        hearing = int(client.publish(channel, f"{word}:{replies}"))
        while hearing and (left_s := began + wait_s - clock.monotonic()) > 0:
            message = subscription.get_message(timeout=left_s)
            if message is not None:
                hearing -= 1
                _, node, *facts = message["data"].decode(errors="replace").split(":")
                yield Present(node, ":".join(facts), clock.monotonic() - began)
    finally:
        subscription.close()


def reload(client: "Redis", channel: str, spread_s: float) -> int:
    """Have every process read the limits; how many hear it."""
    how = f"spread:{spread_s}" if spread_s else "immediate"
    return int(client.publish(channel, f"reload:{how}"))
