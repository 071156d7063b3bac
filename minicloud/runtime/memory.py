"""The garbage collector of a process that serves: its own parts are not looked through again."""

import gc
from typing import Final

# A list of a thousand servers makes tens of thousands of objects, all of them gone by the next
# request: with the usual 700 the collector would run a hundred times for it.
_NEW_OBJECTS: Final = 20_000


def rest() -> None:
    """For the start: until all is in its place there is nothing to collect."""
    gc.disable()


def settle() -> None:
    """To be called once, when everything is in its place and before the first request."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
