"""Where the limits come from: a file that is watched, or Redis for many processes."""

from typing import Protocol

from minicloud.api.ratelimit.table import LimitTable


class Source(Protocol):
    """The limits that count now. A change is another table; levels are kept elsewhere."""

    @property
    def where(self) -> str:
        """For people: the path of the file, or the key and address in Redis."""

    def table(self) -> LimitTable:
        """What counts now; quick, as each request asks for it."""

    def refresh(self) -> None:
        """Look at once whether there is something newer, and take that over.

        What cannot be read changes nothing but the version, so that it is looked at once.
        """
