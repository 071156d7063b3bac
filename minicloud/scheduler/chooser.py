"""Chooses hosts as select.py says, without looking at each of them.

Hosts that are alike are looked at together, and what requests of one kind make of them is kept
from one to the next. What no filter can tell by the facts of a class alone, such as a name that
the request does not give, is asked of every host.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import numpy as np
import orjson

from minicloud.runtime.dice import Dice
from minicloud.scheduler.classes import Classes
from minicloud.scheduler.draw import Draw
from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.rows import Rows
from minicloud.scheduler.select import Rules, ranked, weighable
from minicloud.scheduler.standing import Standing, common_of

_KINDS: Final = 64  # of requests that are remembered
_FEW: Final = 64  # hosts: looking at each is as quick
_OF_SPEC: Final = frozenset({"instance_properties", "instance_uuids", "image"})
_OF_OWNER: Final = frozenset({"project_id", "user_id", "metadata", "key_name"})
_OF_IMAGE: Final = frozenset({"id", "name", "size", "min_ram", "min_disk"})  # not its properties
_OF_ONE: Final = frozenset({"uuid", "display_name", "launch_index", "reservation_id"})
_OURS: Final = ("minicloud.scheduler.filters.", "minicloud.scheduler.weighers.")
_NAMING: Final = frozenset({"retry", "ignore_hosts", "force_hosts", "force_nodes", "group_hosts"})
_BESIDE: Final = _NAMING | {"instance_type", "context", "request_spec", "limits", "group"}


class Chooser:
    """One for a table; not for several threads at once."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._classes = Classes()
        self._common, self._common_epoch, self._is_common = common_of(rules), 0, True
        self._standings: OrderedDict[bytes, Standing] = OrderedDict()
        self._each, self._unread = not _is_by_facts(rules), _unread(rules)
        self._named = [name for _n, f in rules.filters for name in getattr(f, "named_hosts", ())]

    def ranked(
        self, table: HostTable, request: Request, dice: Dice, most: int
    ) -> list[int] | Refusal:
        """As `select.ranked`: the same hosts, by the same chances."""
        found: list[int] = []
        if not (self._each or len(table) <= _FEW or request.force_nodes or request.requested[1]):
            self._classes.sync(table)
            found = self._by_class(table, request, dice, most)
        return found or ranked(table, request, self._rules, dice, most)

    def _by_class(self, table: HostTable, request: Request, dice: Dice, most: int) -> list[int]:
        named = {*request.named_hosts, *self._named}
        if named:
            return self._by_name(table, request, dice, most, sorted(named))
        self._ask_in_common(table, request)
        standing = self._standing(request)
        if standing.is_possible and self._is_common:
            standing.sync(table, request)
        if not (standing.is_possible and self._is_common):
            return []
        classes, subset = self._classes, self._rules.subset_size
        return Draw(standing.weight, classes.counts, classes.members, subset, dice).hosts(most)

    def _ask_in_common(self, table: HostTable, request: Request) -> None:
        """What weighers say of new classes, whatever the request."""
        if self._common_epoch != self._classes.epoch:
            self._common, self._common_epoch = common_of(self._rules), self._classes.epoch
            self._is_common = True
        if self._common.size < len(self._classes):
            rows = Rows(table, self._classes.facts[:, self._common.size :])
            self._is_common &= self._common.ask(rows, request) and not rows.is_blind

    def _standing(self, request: Request) -> Standing:
        kind = _kind(request, self._unread)
        standing = self._standings.get(kind)
        if standing is None or standing.epoch != self._classes.epoch:
            standing = Standing(self._classes, self._common, self._rules)
            self._standings[kind] = standing
        self._standings.move_to_end(kind)
        if len(self._standings) > _KINDS:
            self._standings.popitem(last=False)
        return standing

    def _by_name(
        self, table: HostTable, request: Request, dice: Dice, most: int, named: Sequence[str]
    ) -> list[int]:
        """The hosts of these names each for itself, and the others by class."""
        known = [(name, table.place_of(name)) for name in named]
        singles = {name: place for name, place in known if place is not None}
        places = list(singles.values())
        counts = self._others(request, places)
        others = np.flatnonzero(counts)
        facts = np.concatenate([table.facts_at(places), self._classes.facts[:, others]], axis=1)
        rows = Rows(table, facts, {name: row for row, name in enumerate(singles)})
        sizes = np.concatenate([np.ones(len(places), np.int64), counts[others]])
        left, weight = weighable(rows, request, self._rules, sizes)
        if rows.is_blind:
            return []
        weights = np.full(len(rows), -np.inf)
        weights[left] = weight

        def members(row: int) -> Sequence[int]:
            if row < len(places):
                return places[row : row + 1]
            return self._classes.members(int(others[row - len(places)]))

        draw = Draw(weights, sizes, members, self._rules.subset_size, dice, frozenset(places))
        return draw.hosts(most)

    def _others(self, request: Request, places: Sequence[int]) -> Ints:
        """How many hosts of each class are not named, and may be taken."""
        counts = self._classes.counts.copy()
        if request.force_hosts or request.requested[0]:
            counts[:] = 0
        elif places:
            np.subtract.at(counts, [self._classes.class_of(place) for place in places], 1)
        return counts


def _is_by_facts(rules: Rules) -> bool:
    """Whether hosts that are alike are the same to all plug-ins, and to the draw."""
    plugins = [plugin for _name, plugin in (*rules.filters, *rules.weighers)]
    if any(getattr(plugin, "is_per_host", False) for plugin in plugins) or rules.want_contents:
        return False
    return rules.shuffle_best


def _unread(rules: Rules) -> frozenset[str]:
    """Of what tells servers, owners and images from each other, what no plug-in looks at: ours at
    the project or the image, if they say so by `reads_project` and `reads_image`; others may at
    anything."""
    plugins = [plugin for _name, plugin in (*rules.filters, *rules.weighers)]
    if not all(type(plugin).__module__.startswith(_OURS) for plugin in plugins):
        return frozenset()
    unread = _OF_ONE | _OF_OWNER | _OF_IMAGE
    if any(getattr(plugin, "reads_project", False) for plugin in plugins):
        unread -= {"project_id"}
    if any(getattr(plugin, "reads_image", False) for plugin in plugins):
        unread -= _OF_IMAGE
    return unread


def _kind(request: Request, unread: frozenset[str]) -> bytes:
    """What requests have in common that are the same to all filters and weighers."""
    spec, properties = request.request_spec, request.filter_properties
    instance = spec.get("instance_properties") or {}
    beside, image = _BESIDE | unread, spec.get("image") or {}
    facts = [
        {name: value for name, value in spec.items() if name not in _OF_SPEC},
        {name: value for name, value in image.items() if name not in unread},
        {name: value for name, value in instance.items() if name not in unread},
        {name: value for name, value in properties.items() if name not in beside},
    ]
    return orjson.dumps(facts, default=str, option=orjson.OPT_NON_STR_KEYS)
