"""SIGTERM and Ctrl-C, as a call or as an event that loops wait for."""

import signal
import threading
from collections.abc import Callable
from types import FrameType


def on_stop(call: Callable[[], None]) -> None:
    """Have both signals call this from now on; only the main thread may ask for it."""

    def asked(_number: int, _frame: FrameType | None) -> None:
        call()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)


def stop_event() -> threading.Event:
    """An event that both signals set from now on; only the main thread may call this."""
    event = threading.Event()
    on_stop(event.set)
    return event
