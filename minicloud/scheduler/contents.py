"""What runs on the hosts, counted: servers of a flavor, or with a property of the image."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from minicloud.image_kinds import canonical
from minicloud.scheduler.columns import Ints


class Server(NamedTuple):
    """`flavor`: its flavorid. `properties`: of its image, names and the one word for each."""

    host: str
    flavor: str
    properties: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, host: str, flavor: Mapping[str, Any], image: Mapping[str, Any]) -> "Server":
        found = (image.get("properties") or {}).items()
        return cls(
            host,
            str(flavor.get("flavorid", "")),
            frozenset((name, canonical(name, str(value))) for name, value in found),
        )


class Tally:
    """A number for each host; most have none."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._places: Mapping[str, int] = {}
        self._column: Ints | None = None  # of the hosts at these places

    def add(self, host: str, number: int) -> None:
        now = self._numbers.get(host, 0) + number
        if now:
            self._numbers[host] = now
        else:
            del self._numbers[host]
        if self._column is not None and host in self._places:
            self._column[self._places[host]] += number

    def of(self, host: str) -> int:
        return self._numbers.get(host, 0)

    def column(self, places: Mapping[str, int]) -> Ints:
        """For hosts at these places. It is kept, and follows what is added."""
        if self._column is None or self._places is not places or len(places) > self._column.size:
            self._column, self._places = np.zeros(len(places), np.int64), places
            for host, number in self._numbers.items():
                if host in places:
                    self._column[places[host]] = number
        return self._column

    def copy(self) -> "Tally":
        other = Tally()
        other._numbers = dict(self._numbers)
        return other

    def __bool__(self) -> bool:
        return bool(self._numbers)


class Contents:
    """Servers by uuid. Those that were only chosen a host for are guesses, until the books tell.

    `is_kept`: somebody wants to know; otherwise nothing is in it.
    """

    def __init__(self, is_kept: bool = False) -> None:
        self.is_kept = is_kept
        self._servers: dict[str, Server] = {}
        self._guesses: dict[str, Server] = {}
        self._all = Tally()
        self._flavors: dict[str, Tally] = {}
        self._properties: dict[tuple[str, str], Tally] = {}

    def copy(self) -> "Contents":
        other = Contents(self.is_kept)
        other._servers, other._guesses = dict(self._servers), dict(self._guesses)
        other._all = self._all.copy()
        other._flavors = {key: tally.copy() for key, tally in self._flavors.items()}
        other._properties = {key: tally.copy() for key, tally in self._properties.items()}
        return other

    def put(self, uuid: str, server: Server | None) -> None:
        """What the books tell; None: it is on no host."""
        guess = self._guesses.get(uuid)
        if guess is not None and server is not None and server.host == guess.host:
            self.unguess(uuid)
        before = self._servers.pop(uuid, None)
        if before is not None:
            self._count(before, -1)
        if server is not None:
            self._servers[uuid] = server
            self._count(server, 1)

    def guess(self, uuid: str, server: Server) -> None:
        self.unguess(uuid)
        self._guesses[uuid] = server
        self._count(server, 1)

    def unguess(self, uuid: str) -> None:
        before = self._guesses.pop(uuid, None)
        if before is not None:
            self._count(before, -1)

    def forget_guesses(self) -> None:
        for uuid in list(self._guesses):
            self.unguess(uuid)

    def keep_only(self, hosts: Iterable[str], uuids: Iterable[str]) -> None:
        """On these hosts nothing is but these."""
        wrong, right = frozenset(hosts), frozenset(uuids)
        for uuid, server in list(self._servers.items()):
            if server.host in wrong and uuid not in right:
                self.put(uuid, None)

    def host_of(self, uuid: str) -> str | None:
        server = self._servers.get(uuid)
        return server.host if server else None

    def flavor_of(self, uuid: str) -> str | None:
        server = self._servers.get(uuid)
        return server.flavor if server else None

    def each(self) -> Iterable[tuple[str, Server]]:
        """Every server and its uuid, those that are guessed as well."""
        return {**self._servers, **self._guesses}.items()

    @property
    def servers(self) -> Tally:
        """How many there are."""
        return self._all

    def of_flavor(self, flavorid: str) -> Tally:
        return self._flavors.get(flavorid) or Tally()

    def with_property(self, name: str, value: str) -> Tally:
        return self._properties.get((name, value)) or Tally()

    def _count(self, server: Server, number: int) -> None:
        self._all.add(server.host, number)
        _add(self._flavors, server.flavor, server.host, number)
        for pair in server.properties:
            _add(self._properties, pair, server.host, number)


def _add(tallies: dict[Any, Tally], key: Any, host: str, number: int) -> None:
    tally = tallies.setdefault(key, Tally())
    tally.add(host, number)
    if not tally:
        del tallies[key]
