"""Members in etcd, as tooz has them: a key for each group, under it one for each member that ends
with its lease."""

import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import requests
from etcd3gw import exceptions
from tooz import coordination, utils

from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.stores.base import IO_S, Found, Store

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Seen:
    """A group as it was read: from which cluster, made when, at which of its revisions."""

    cluster: str
    made: str
    revision: int
    members: Mapping[str, Entry]


_NOTHING = _Seen("", "", 0, {})


class EtcdStore(Store):
    failures = (exceptions.Etcd3Exception, requests.RequestException, ValueError, KeyError)

    def _coordinator(self, member: bytes) -> Any:
        self._lease: Any = None
        self._seen: dict[str, _Seen] = {}
        self._losses = 0
        return coordination.get_coordinator(
            self.address.url,
            member,
            timeout=IO_S,
            membership_timeout=ceil(self.ttl_s),
            executor="synchronous",
        )

    @property
    def _client(self) -> Any:
        return self.coordinator.client

    def _start(self) -> None:
        super()._start()
        self._lease = self.coordinator._membership_lease
        granted_s = int(self._ask("kv/lease/timetolive", ID=self._lease.id)["grantedTTL"])
        if granted_s > self.ttl_s:
            LOG.warning(
                "etcd counts in whole seconds, of which this one keeps a member for at least %d:"
                " one that is killed counts as alive for as long, not for %s s",
                granted_s,
                self.ttl_s,
            )

    def _get(self, group: str, key: str) -> Found:
        answer = self._ask("kv/range", key=_said(self._path(group, key)))
        for one in answer.get("kvs", ()):
            said = _loaded(base64.b64decode(one.get("value", "")))
            return Found(self.said(group, key, said)[1], one)
        return Found(None, {"mod_revision": "0"})

    def _put(self, group: str, key: str, entry: Entry, instead_of: Found) -> bool:
        path = _said(self._path(group, key))
        value = base64.b64encode(utils.dumps(entry.capabilities())).decode()
        put = {"key": path, "value": value, "lease": str(self._living_lease().id)}
        same = {
            "key": path,
            "result": "EQUAL",
            "target": "MOD",
            "mod_revision": instead_of.version["mod_revision"],
        }
        answer = self._ask("kv/txn", compare=[same], success=[{"request_put": put}])
        return bool(answer.get("succeeded"))

    def _renew(self, group: str, key: str, entry: Entry, found: Found, for_s: float) -> bool:
        """tooz's own beat would take another lease when this has ended, and leave the key."""
        ours = found.version.get("lease") == str(self._lease.id)
        return bool(ours and self._lease.refresh() > 0)

    def _remove(self, group: str, key: str, found: Found) -> None:
        path = _said(self._path(group, key))
        revision = found.version["mod_revision"]
        same = {"key": path, "result": "EQUAL", "target": "MOD", "mod_revision": revision}
        self._ask("kv/txn", compare=[same], success=[{"request_delete_range": {"key": path}}])

    def _read(self, group: str) -> Reading:
        """What was written since the last time; where that and what was known is more than there
        is now, some are gone, and the names are asked for."""
        known = self._seen.get(group, _NOTHING)
        answer = self._range(group, known.revision + 1)
        head, count = answer["header"], int(answer.get("count", 0))
        if known.revision and _is_another(head, known):
            self._losses += 1
            known = _NOTHING
            answer = self._range(group, 1)
            head, count = answer["header"], int(answer.get("count", 0))
        if not count:
            self._seen.pop(group, None)
            return Reading({}, None)
        made = self._made(group, answer) or known.made
        if made != known.made:  # all that was known is of another group of this name
            known = _NOTHING
        members, changed = known.members, self._entries(group, answer)
        if changed:
            members = {**members, **changed}
        if count != len(members) + 1:
            there = self._entries(group, self._range(group, 1, keys_only=True))
            members = {name: entry for name, entry in members.items() if name in there}
        self._seen[group] = _Seen(head["cluster_id"], made, int(head["revision"]), members)
        return Reading(members, (head["cluster_id"], self._losses, made))

    def _range(self, group: str, since: int, keys_only: bool = False) -> Mapping[str, Any]:
        start = self._path(group, "")
        end = start[:-1] + bytes([start[-1] + 1])
        return self._ask(
            "kv/range",
            key=_said(start),
            range_end=_said(end),
            min_mod_revision=str(since),
            keys_only=keys_only,
        )

    def _made(self, group: str, answer: Mapping[str, Any]) -> str | None:
        """The revision in which the group was made, where the answer has it."""
        start = _said(self._path(group, ""))
        found = (one for one in answer.get("kvs", ()) if one["key"] == start)
        return next((str(one["create_revision"]) for one in found), None)

    def _entries(self, group: str, answer: Mapping[str, Any]) -> dict[str, Entry]:
        start = self._path(group, "")
        entries = {}
        for one in answer.get("kvs", ()):
            key = base64.b64decode(one["key"]).removeprefix(start).decode()
            if key:
                said = _loaded(base64.b64decode(one.get("value", "")))
                member, entries[member] = self.said(group, key, said)
        return entries

    def _living_lease(self) -> Any:
        if self._lease.refresh() <= 0:
            self._lease = self._client.lease(ceil(self.ttl_s))
        return self._lease

    def _path(self, group: str, key: str) -> bytes:
        path: bytes = self.coordinator._prefix_group(group.encode()) + key.encode()
        return path

    def _ask(self, what: str, **said: object) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._client.post(self._client.get_url(f"/{what}"), json=said)
        return answer


def _is_another(head: Mapping[str, Any], known: _Seen) -> bool:
    """Whether this etcd is not the one of last time, or has begun again."""
    return bool(head["cluster_id"] != known.cluster or int(head["revision"]) < known.revision)


def _said(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _loaded(data: bytes) -> object:
    return utils.loads(data) if data else None
