"""All hosts in one table: what they are called and are in, and their numbers as columns."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import orjson

from minicloud.scheduler.addresses import Addresses
from minicloud.scheduler.alike import Alike, Numbered
from minicloud.scheduler.columns import NUMBERS, Columns
from minicloud.scheduler.columns import Floats as Floats
from minicloud.scheduler.columns import Ints as Ints
from minicloud.scheduler.columns import Mask as Mask
from minicloud.scheduler.columns import Numbers as Numbers
from minicloud.scheduler.contents import Contents, Server, Tally
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.metrics import Metrics
from minicloud.scheduler.ranks import Ranks
from minicloud.scheduler.request import Request

ZONE_KEY = "availability_zone"  # of an aggregate's metadata
_KIND, _AGGREGATES, _STATE = range(len(NUMBERS), len(NUMBERS) + 3)  # rows behind the numbers
_UP, _ENABLED = 1, 2  # of a state


@dataclass(frozen=True)
class HostFacts:
    """One host as it comes from the books; the names are those of db.models.ComputeNode.

    `kind`: what many hosts have in common and seldom changes: hypervisor_type,
    hypervisor_version, cpu_info, supported_instances.
    """

    host: str
    node: str
    agent: str
    numbers: Mapping[str, int]
    kind: Mapping[str, Any] = field(default_factory=dict)
    host_ip: str = ""
    metrics: Mapping[str, float] | None = None  # as the host measured last
    updated: datetime | None = None
    epoch: int = 0  # whoever claims must know the present one; it makes no host unlike another


class HostTable(Columns):
    """What is known of the hosts. Columns are views: write through the methods only.

    `epoch` changes when any fact of any host may have; else `touched` names those that changed.
    """

    def __init__(self, default_zone: str = "nova", contents: Contents | None = None) -> None:
        self._default_zone = default_zone
        self._place: dict[str, int] = {}
        self._names: list[str] = []
        self._nodes: list[str] = []
        self._agents: list[str] = []
        self._host_ips: list[str] = []
        self._host_epochs: list[int] = []
        self.updated: list[datetime | None] = []
        self._addresses: Addresses | None = None
        self._ranks: Ranks | None = None
        self._metrics = Metrics()
        self._contents = contents or Contents()
        self._kinds: Numbered[bytes, Mapping[str, Any]] = Numbered()
        self._sets: Numbered[tuple[int, ...], Memberships] = Numbered()
        self._metadata: Mapping[int, Mapping[str, str]] = {}
        self._aggregates_of: Mapping[str, Sequence[int]] = {}
        self._touched: set[int] = set()
        self.epoch = 0
        self._said: tuple[frozenset[str], frozenset[str], int, int] | None = None
        self._hold(np.zeros((_STATE + 1, 0), np.int64))
        self.enabled: Mask = np.zeros(0, np.bool_)
        self.up: Mask = np.zeros(0, np.bool_)
        self.lately: Mask = np.zeros(0, np.bool_)
        self._aggregate_names: Mapping[int, str] = {}

    @property
    def names(self) -> list[str]:
        return self._names

    @property
    def nodes(self) -> list[str]:
        return self._nodes

    @property
    def agents(self) -> list[str]:
        return self._agents

    @property
    def host_ips(self) -> list[str]:
        return self._host_ips

    @property
    def host_epochs(self) -> list[int]:
        """Which epoch each host was in when it was read."""
        return self._host_epochs

    def epoch_of(self, host: str) -> int | None:
        place = self._place.get(host)
        return None if place is None else self._host_epochs[place]

    @property
    def metrics(self) -> Metrics:
        return self._metrics

    @property
    def contents(self) -> Contents:
        return self._contents

    def place_of(self, host: str) -> int | None:
        return self._place.get(host)

    def facts_at(self, places: Sequence[int] | Ints) -> Ints:
        """A column for each of these hosts, with all that makes hosts alike."""
        return self._facts[:, np.asarray(places, np.int64)]

    @staticmethod
    def states(facts: Ints) -> tuple[Mask, Mask]:
        """Which hosts with these facts are up, and which enabled."""
        return (facts[_STATE] & _UP) > 0, (facts[_STATE] & _ENABLED) > 0

    def drain(self) -> list[int]:
        """The places that were touched since the last time."""
        touched = sorted(self._touched)
        self._touched.clear()
        return touched

    def update(self, facts: Iterable[HostFacts]) -> None:
        """Take over newer facts; hosts not known yet are added."""
        changed = list(facts)
        new = {f.host: f for f in changed if f.host not in self._place}
        if new:
            self._grow(list(new.values()))
        places = [self._place[f.host] for f in changed]
        for name, column in self._columns.items():
            column[places] = [f.numbers.get(name, 0) for f in changed]
        for place, fact in zip(places, changed, strict=True):
            self._set_names(place, fact)
            self._set_kind(place, fact.kind)
            self._metrics.put(place, fact.metrics)
        self._touched.update(places)

    def keep_only(self, hosts: Collection[str]) -> None:
        """Forget all others. Places change."""
        if all(name in hosts for name in self._names):
            return
        kept = [place for place, name in enumerate(self._names) if name in hosts]
        self._hold(self.facts_at(kept))
        each: tuple[list[Any], ...] = (self._names, self._nodes, self._agents, self._host_ips)
        for names in (*each, self._host_epochs, self.updated):
            names[:] = [names[place] for place in kept]
        self._place = {name: place for place, name in enumerate(self._names)}
        self._metrics = self._metrics.at(kept)
        self.up, self.enabled, self.lately = self.up[kept], self.enabled[kept], self.lately[kept]
        self._addresses = self._ranks = None
        self._touched.clear()
        self.epoch += 1

    def set_alive(self, up: Iterable[str], disabled: Iterable[str]) -> None:
        """Say which hosts the service group sees and which ones an operator took out."""
        alive, out = frozenset(up), frozenset(disabled)
        said = (alive, out, len(self), self.epoch)
        if said == self._said:
            return
        self._said = said
        self.up = self._mask(alive)
        self.enabled = ~self._mask(out)
        state = self.up * _UP + self.enabled * _ENABLED
        self._touched.update(np.flatnonzero(state != self._facts[_STATE]).tolist())
        self._facts[_STATE] = state

    def set_lately(self, lately: Iterable[str]) -> None:
        """Say which hosts are down and may be back in a moment."""
        self.lately = self._mask(lately)

    def set_aggregates(
        self,
        metadata: Mapping[int, Mapping[str, str]],
        of_hosts: Mapping[str, Sequence[int]],
        names: Mapping[int, str] | None = None,
    ) -> None:
        """Say which aggregates there are, by id, and in which of them each host is."""
        self._metadata, self._aggregates_of = metadata, of_hosts
        self._aggregate_names = names or {}
        self._sets = Numbered()
        self._facts[_AGGREGATES] = [self._set_of(name) for name in self._names]
        self._touched.clear()
        self.epoch += 1

    def copy(self) -> "HostTable":
        """A table to try things on; what becomes of either does not change the other."""
        other = copy(self)
        vars(other).update((name, list(v)) for name, v in vars(self).items() if type(v) is list)
        other._place, other._touched = dict(self._place), set()
        other._kinds, other._sets = self._kinds.copy(), self._sets.copy()
        other._hold(self._facts.copy())
        other._metrics, other._contents = self._metrics.copy(), self._contents.copy()
        other._ranks = None  # they read the names of their table when they are asked
        return other

    def aggregates_of(self, place: int) -> list[tuple[int, str, Mapping[str, str]]]:
        """The id, the name and the metadata of each that the host is in."""
        ids = self._aggregates_of.get(self.names[place], ())
        return [(one, self._aggregate_names.get(one, ""), self._metadata[one]) for one in ids]

    def take(self, place: int, request: Request) -> None:
        """Count the request on the host, until the books tell better."""
        self._count(place, request, 1)
        if self.contents.is_kept:
            image = request.request_spec.get("image") or {}
            server = Server.of(self.names[place], request.request_spec["instance_type"], image)
            self.contents.guess(request.uuid, server)

    def untake(self, place: int, request: Request) -> None:
        """Forget what `take` counted; the table was not updated since."""
        self._count(place, request, -1)
        self.contents.unguess(request.uuid)

    def _count(self, place: int, request: Request, sign: int) -> None:
        self._columns["vcpus_used"][place] += sign * request.vcpus
        self._columns["memory_mb_used"][place] += sign * request.ram_mb
        self._columns["disk_gb_used"][place] += sign * request.disk_gb
        self._columns["num_instances"][place] += sign
        self._columns["num_io_ops"][place] += sign
        self._touched.add(place)

    @property
    def addresses(self) -> Addresses:
        """Those of the hosts, as numbers."""
        if self._addresses is None:
            self._addresses = Addresses(self._host_ips)
        return self._addresses

    @property
    def ranks(self) -> Ranks:
        """The names of hosts and nodes in their order."""
        if self._ranks is None:
            self._ranks = Ranks(self.texts)
        return self._ranks

    def texts(self, of: str) -> Sequence[str]:
        """Of every host its name, "host", or its "node", or its "host_ip"."""
        return {"host": self.names, "node": self.nodes, "host_ip": self.host_ips}[of]

    def take_each(self, mask: Mask, request: Request) -> None:
        """Count the request once on each of these hosts, as one that is built already."""
        self._columns["vcpus_used"][mask] += request.vcpus
        self._columns["memory_mb_used"][mask] += request.ram_mb
        self._columns["disk_gb_used"][mask] += request.disk_gb
        self._columns["num_instances"][mask] += 1
        self._touched.update(np.flatnonzero(mask).tolist())

    def give_back(self, place: int, request: Request) -> None:
        """See the host as if this, which was built there, were not."""
        self._columns["vcpus_used"][place] -= request.vcpus
        self._columns["memory_mb_used"][place] -= request.ram_mb
        self._columns["disk_gb_used"][place] -= request.disk_gb
        self._columns["num_instances"][place] -= 1
        self._touched.add(place)

    def mask_of(self, hosts: Sequence[str]) -> Mask:
        return self._mask(hosts)

    def mask_of_nodes(self, nodes: Collection[str]) -> Mask:
        return np.fromiter((name in nodes for name in self.nodes), np.bool_, len(self))

    def times_in(self, hosts: Iterable[str]) -> Ints:
        """How often each host is named."""
        places = [self._place[host] for host in hosts if host in self._place]
        return np.bincount(np.array(places, np.int64), minlength=len(self))

    def per_host(self, tally: Tally) -> Ints:
        """What is counted of `contents`, for every host."""
        return tally.column(self._place)

    @property
    def kinds(self) -> Alike[Mapping[str, Any]]:
        """What the hosts are, those that are the same taken together."""
        return Alike(self._kinds.values, self._facts[_KIND])

    @property
    def aggregates(self) -> Alike[Memberships]:
        """What the hosts are in, those in the same aggregates taken together."""
        return Alike(self._sets.values, self._facts[_AGGREGATES], self._sets.made)

    @property
    def zones(self) -> Alike[str]:
        """The availability zone of each."""
        zones = [one.zone(ZONE_KEY, self._default_zone) for one in self._sets.values]
        return Alike(zones, self._facts[_AGGREGATES])

    def _grow(self, new: Sequence[HostFacts]) -> None:
        count, sets = len(new), len(self._sets.values)
        more = np.zeros((_STATE + 1, count), np.int64)
        for at, fact in enumerate(new):
            self._place[fact.host] = len(self._names)
            self._names.append(fact.host)
            self._nodes.append(fact.node)
            self._agents.append(fact.agent)
            self._host_ips.append(fact.host_ip)
            self._host_epochs.append(fact.epoch)
            self.updated.append(fact.updated)
            more[_AGGREGATES, at] = self._set_of(fact.host)
        more[_STATE] = _ENABLED
        self._hold(np.concatenate([self._facts, more], axis=1))
        self._metrics.grow(count)
        self.up = np.concatenate([self.up, np.zeros(count, np.bool_)])
        self.lately = np.concatenate([self.lately, np.zeros(count, np.bool_)])
        self.enabled = np.concatenate([self.enabled, np.ones(count, np.bool_)])
        self._addresses = self._ranks = None
        if len(self._sets.values) > sets:  # plug-ins may say something else of those before
            self.epoch += 1

    def _set_kind(self, place: int, kind: Mapping[str, Any]) -> None:
        key = orjson.dumps(dict(kind), option=orjson.OPT_SORT_KEYS)
        self._facts[_KIND, place] = self._kinds.number(key, lambda: kind)

    def _set_of(self, host: str) -> int:
        """The number of the set of aggregates that the host is in."""
        ids = tuple(self._aggregates_of.get(host, ()))
        return self._sets.number(ids, lambda: Memberships(self._metadata[one] for one in ids))

    def _set_names(self, place: int, fact: HostFacts) -> None:
        if fact.node != self._nodes[place]:
            self._ranks = None
        if fact.host_ip != self._host_ips[place]:
            self._addresses = self._ranks = None
        self._nodes[place], self._agents[place] = fact.node, fact.agent
        self._host_ips[place], self.updated[place] = fact.host_ip, fact.updated
        self._host_epochs[place] = fact.epoch

    def _mask(self, hosts: Iterable[str]) -> Mask:
        mask = np.zeros(len(self), np.bool_)
        places = [self._place[host] for host in hosts if host in self._place]
        mask[places] = True
        return mask
