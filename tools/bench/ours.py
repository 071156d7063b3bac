"""Our side of the comparison: a table of a generated fleet, and the choosing over it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from oslo_config import cfg

from minicloud.conf import register_opts
from minicloud.runtime.dice import Dice
from minicloud.scheduler import rules
from minicloud.scheduler.chooser import Chooser
from minicloud.scheduler.contents import Contents, Server
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import finalists
from tools.bench.fleets import Ask, Host

Told = tuple[str, dict[str, Any], dict[str, Any]]  # server, request_spec, filter_properties
_AT_ONCE = 100_000  # hosts that go into the table in one piece


def known(kind: str) -> set[str]:
    """Names of the filters or weighers that there are."""
    from stevedore import ExtensionManager

    return {extension.name for extension in ExtensionManager(f"minicloud.scheduler.{kind}")}


class Ours:
    def __init__(
        self,
        hosts: Iterable[Host],
        aggregates: Mapping[int, Mapping[str, str]],
        filters: Sequence[str],
        weighers: Sequence[str],
        options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        conf = register_opts(cfg.ConfigOpts())
        conf([], default_config_files=[], default_config_dirs=[])
        for group, settings in (options or {}).items():
            for name, value in settings.items():
                conf.set_override(name, value, group)
        conf.set_override("enabled_filters", list(filters), "filter_scheduler")
        conf.set_override("enabled_weighers", list(weighers), "filter_scheduler")
        self.rules = rules.of(conf)
        self._chooser = Chooser(self.rules)
        contents = Contents(self.rules.want_contents)
        self.table = HostTable(conf.filter_scheduler.default_availability_zone, contents)
        self._where: dict[str, str] = {}  # server -> its host; those that may be named
        self._fill(iter(hosts), aggregates)

    def __len__(self) -> int:
        return len(self.table)

    def told(self, ask: Ask) -> Told:
        """The request as the message has it."""
        return ask.uuid, request_spec(ask), self._filter_properties(ask)

    def decide(self, told: Told, dice: Dice) -> int | Refusal:
        """What a scheduler does for each request: choose, and count it on the host."""
        request = Request.of(*told)
        found = self._chooser.ranked(self.table, request, dice, 1)
        if isinstance(found, Refusal):
            return found
        self.table.take(found[0], request)
        return found[0]

    def best(self, ask: Ask) -> list[str]:
        """The hosts of the highest weight, by the dice: each way they may fall is tried."""
        request, found, dice = Request.of(*self.told(ask)), set(), _Loaded()
        while dice.is_another():
            chosen = self._chooser.ranked(self.table, request, cast(Dice, dice), 1)
            if not isinstance(chosen, Refusal):
                found.add(self.table.names[chosen[0]])
        return sorted(found)

    def finalists(self, ask: Ask) -> list[str]:
        """The same by looking at each host: for large fleets, where many are equally good."""
        places = finalists(self.table, Request.of(*self.told(ask)), self.rules)
        return sorted(self.table.names[place] for place in places)

    def take(self, ask: Ask, host: str) -> None:
        place = self.table.place_of(host)
        assert place is not None
        self.table.take(place, Request.of(*self.told(ask)))
        if ask.group:
            self._where[ask.uuid] = host

    def _fill(self, hosts: Iterator[Host], aggregates: Mapping[int, Mapping[str, str]]) -> None:
        up, disabled, of_hosts, contents = [], [], {}, self.table.contents
        while some := list(islice(hosts, _AT_ONCE)):
            self.table.update(map(facts, some))
            for one in some:
                up += [one.name] * one.up
                disabled += [one.name] * (not one.enabled)
                of_hosts[one.name] = tuple(one.aggregates)
                self._where.update(dict.fromkeys(one.servers, one.name))
                if contents.is_kept:
                    for uuid, image in one.servers.items():
                        contents.put(uuid, Server.of(one.name, {}, {"properties": image}))
        self.table.set_aggregates(aggregates, of_hosts)
        self.table.set_alive(up, disabled)

    def _filter_properties(self, ask: Ask) -> dict[str, Any]:
        found: dict[str, Any] = {"scheduler_hints": {k: list(v) for k, v in ask.hints.items()}}
        if ask.ignore_hosts:
            found["ignore_hosts"] = list(ask.ignore_hosts)
        if ask.force_hosts:
            found["force_hosts"] = list(ask.force_hosts)
        if ask.only_host:
            found["requested_destination"] = {"host": ask.only_host}
        for hint in ("same_host", "different_host"):
            if ask.hints.get(hint):
                found[f"{hint}s"] = self._hosts_of(ask.hints[hint])
        if ask.group:
            found |= {
                "group_policies": [ask.group.policy],
                "group_rules": dict(ask.group.rules),
                "group_hosts": self._hosts_of(set(ask.group.members) - {ask.uuid}),
            }
        return found

    def _hosts_of(self, servers: Iterable[str]) -> list[str]:
        return sorted(self._where[one] for one in servers if one in self._where)


class _Loaded:
    """In the place of dice: falls on each of its sides in turn, whatever it is asked.

    From the third throw on it just goes on: that is how a host is drawn again which was drawn
    already, or which is told from others by its name, and no host is found by it alone.
    """

    def __init__(self) -> None:
        self._falls: list[int] = []
        self._sides: list[int] = []
        self._asked = 0
        self._is_new = True

    def is_another(self) -> bool:
        """Go on to the next combination; False after the last."""
        self._asked = 0
        if self._is_new:
            self._is_new = False
            return True
        while self._falls:
            if self._falls[-1] + 1 < self._sides[-1]:
                self._falls[-1] += 1
                return True
            self._falls.pop()
            self._sides.pop()
        return False

    def randrange(self, sides: int) -> int:
        self._asked += 1
        if self._asked > 2:
            return self._asked % sides
        if self._asked > len(self._falls):
            self._falls.append(0)
            self._sides.append(sides)
        return self._falls[self._asked - 1]


def facts(one: Host) -> HostFacts:
    used = one.used
    numbers = {
        "vcpus": one.vcpus,
        "vcpus_limit": int(one.vcpus * one.cpu_ratio),
        "vcpus_used": used["vcpus"],
        "memory_mb": one.memory_mb,
        "memory_mb_limit": one.memory_mb,
        "memory_mb_used": used["memory_mb"],
        "disk_gb": one.disk_gb,
        "disk_gb_limit": one.disk_gb,
        "disk_gb_used": used["disk_gb"],
        "num_instances": max(one.num_servers, len(one.servers)),
        "num_io_ops": one.num_io_ops,
        "failed_builds": one.failed_builds,
        **_NOTHING_RESERVED,
    }
    return HostFacts(one.name, one.name, one.name, numbers, one.kind, one.ip, one.metrics)


_NOTHING_RESERVED = {f"reserved_{name}": 0 for name in ("vcpus", "memory_mb", "disk_gb")}


def request_spec(ask: Ask) -> dict[str, Any]:
    flavor = {
        name: getattr(ask.flavor, name)
        for name in ("name", "vcpus", "memory_mb", "root_gb", "ephemeral_gb", "swap_mb")
    }
    return {
        "image": {"id": ask.image_id, "properties": dict(ask.image)},
        "instance_type": {**flavor, "extra_specs": dict(ask.flavor.extra_specs)},
        "instance_properties": {
            "project_id": ask.project,
            "user_id": "user",
            "availability_zone": ask.zone,
        },
        "num_instances": 1,
        "instance_uuids": [ask.uuid],
    }
