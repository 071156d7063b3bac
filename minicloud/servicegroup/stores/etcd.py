"""Members in etcd, as tooz has them: a key for each group, under it one for each member that ends
with its lease."""

import base64
import logging
from collections.abc import Mapping
from math import ceil
from typing import Any

import requests
from etcd3gw import exceptions
from tooz import coordination, utils

from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.stores.base import IO_S, Found, Store

LOG = logging.getLogger(__name__)


class EtcdStore(Store):
    failures = (exceptions.Etcd3Exception, requests.RequestException, ValueError, KeyError)

    def _coordinator(self, member: bytes) -> Any:
        self._lease: Any = None
        self._seen: dict[str, tuple[tuple[str, int], dict[str, Entry]]] = {}
        return coordination.get_coordinator(
            self.address.url, member, timeout=IO_S, membership_timeout=ceil(self.ttl_s)
        )

    @property
    def _client(self) -> Any:
        return self.coordinator.client

    def _start(self) -> None:
        super()._start()
        self._lease = self.coordinator._membership_lease
        granted_s = self._lease.ttl()
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
        """What was written since the last time, and how many there are; all of them where that
        does not add up, as when some are gone."""
        seen, members = self._seen.get(group, (("", 0), {}))
        answer = self._range(group, seen[1] + 1)
        head = answer["header"]
        changed = self._entries(group, answer)
        count = int(answer.get("count", 0))
        if head["cluster_id"] == seen[0] and not changed and count == len(members) + 1:
            self._seen[group] = (seen, members)
            return Reading(members, seen[0])
        if seen[1]:
            answer = self._range(group, 0)
            head, changed = answer["header"], self._entries(group, answer)
        if not answer.get("count"):
            self._seen.pop(group, None)
            return Reading({}, None)
        mark = head["cluster_id"]
        self._seen[group] = ((mark, int(head["revision"])), changed)
        return Reading(changed, mark)

    def _range(self, group: str, since: int) -> Mapping[str, Any]:
        start = self._path(group, "")
        end = start[:-1] + bytes([start[-1] + 1])
        return self._ask(
            "kv/range", key=_said(start), range_end=_said(end), min_mod_revision=str(since)
        )

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


def _said(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _loaded(data: bytes) -> object:
    return utils.loads(data) if data else None
