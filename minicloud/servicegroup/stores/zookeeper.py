"""Members in ZooKeeper, as tooz has them: a node for each group, under it one for each member
that ends with its session."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kazoo import exceptions, security
from kazoo.handlers.threading import KazooTimeoutError
from tooz import coordination, utils

from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.stores.base import IO_S, START_S, Found, Store

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Known:
    """A group as it was read: the node's mark, how many children had come and gone by then, and
    those that are no members."""

    mark: tuple[int, int]
    changes: int
    reading: Reading
    others: frozenset[str] = frozenset()


class ZooKeeperStore(Store):
    failures = (exceptions.KazooException,)

    def _coordinator(self, member: bytes) -> Any:
        options = self._conf.zookeeper
        self.retry_s = options.sg_retry_interval
        session_s = min((options.recv_timeout or self.ttl_s * 1000) / 1000, self.ttl_s)
        made = coordination.get_coordinator(
            f"zookeeper://?{self.address.url.partition('?')[2]}",
            member,
            hosts=",".join(self.address.hosts),
            namespace=options.sg_prefix.strip("/") or "tooz",
            timeout=session_s,
            connection_retry={"max_tries": -1, "delay": 0.1, "backoff": 2, "max_delay": 1.0},
            command_retry={"max_tries": 0},
        )
        made.timeout = START_S - 1  # for the start; the session's was handed on
        self._known: dict[str, _Known] = {}
        return made

    def _start(self) -> None:
        self._authenticate()
        super()._start()

    def _authenticate(self) -> None:
        """tooz would take name and password for a part of the first host."""
        user, at, _place = self.address.url.partition("://")[2].rpartition("@")
        name, colon, password = user.partition(":")
        if at and colon:
            self._client.auth_data.add(("digest", f"{name}:{password}"))
            self._client.default_acl = (security.make_digest_acl(name, password, all=True),)

    @property
    def _client(self) -> Any:
        return self.coordinator._coord

    def _ask(self, asked: Any) -> Any:
        try:
            return asked.get(block=True, timeout=IO_S)
        except KazooTimeoutError:  # which is none of kazoo's other exceptions, nor a TimeoutError
            raise TimeoutError(f"no answer within {IO_S} s") from None

    def _reachable(self) -> None:
        """What is asked of a client without a connection would be done when it has one again."""
        if not self._client.connected:
            raise exceptions.ConnectionLoss("no connection")

    def _create(self, group: str) -> None:
        """With the root, which a server that has lost its data lacks."""
        path = self.coordinator._path_group(group.encode())
        self._ask(self._client.ensure_path_async(path))

    def _get(self, group: str, key: str) -> Found:
        self._reachable()
        try:
            data, stat = self._ask(self._client.get_async(self._path(group, key)))
        except exceptions.NoNodeError:
            return Found(None, None)
        return Found(self.said(group, key, _loaded(data))[1], stat)

    def _put(self, group: str, key: str, entry: Entry, instead_of: Found) -> bool:
        path, both = self._path(group, key), self._client.transaction()
        if instead_of.entry is not None:
            both.delete(path, version=instead_of.version.version)
        both.create(path, utils.dumps(entry.capabilities()), ephemeral=True)
        results = self._ask(both.commit_async())
        if any(isinstance(one, exceptions.NoNodeError) for one in results):
            self._create(group)
        return not any(isinstance(one, Exception) for one in results)

    def _renew(self, group: str, key: str, entry: Entry, found: Found, for_s: float) -> bool:
        """The session keeps it; but one of a session before this would end with that."""
        return bool(found.version.ephemeralOwner == self._client.client_id[0])

    def _remove(self, group: str, key: str, found: Found) -> None:
        path = self._path(group, key)
        with suppress(exceptions.NoNodeError, exceptions.BadVersionError):
            self._ask(self._client.delete_async(path, version=found.version.version))

    def _read(self, group: str) -> Reading:
        """Who is there is asked again only when someone came or went."""
        self._reachable()
        path = self.coordinator._path_group(group.encode())
        stat = self._ask(self._client.exists_async(path))
        known = self._known.get(group)
        if stat is None:
            self._known.pop(group, None)
            return Reading({}, None)
        mark = (stat.czxid, stat.ctime)
        if known is None or known.mark != mark:
            known = _Known(mark, -1, Reading({}, mark))
        if known.changes != stat.cversion:
            known = self._known[group] = self._read_on(group, path, known)
        return known.reading

    def _read_on(self, group: str, path: str, known: "_Known") -> "_Known":
        """Read what those say who are new; everyone, where someone was replaced in his place."""
        children = self._client.get_children_async(path, self._someone_moved, True)
        names, stat = self._ask(children)
        there = {self.member(group, name): name for name in names}
        old = known.reading.members
        came, went = there.keys() - old.keys() - known.others, old.keys() - there.keys()
        replaced = known.changes < 0 or stat.cversion - known.changes != len(came) + len(went)
        said = self._said_by(group, path, there if replaced else {one: there[one] for one in came})
        members = {
            **{member: entry for member, entry in old.items() if member in there},
            **{member: entry for member, entry in said.items() if entry is not None},
        }
        others = frozenset(there.keys() - members.keys())
        return _Known(known.mark, stat.cversion, Reading(members, known.mark), others)

    def _said_by(
        self, group: str, path: str, wanted: Mapping[str, str]
    ) -> dict[str, Entry | None]:
        """What they say; None of nodes that end with no session, as a leader's."""
        asked = [
            (member, name, self._client.get_async(f"{path}/{name}"))
            for member, name in wanted.items()
        ]
        said: dict[str, Entry | None] = {}
        for member, name, answer in asked:
            with suppress(exceptions.NoNodeError):
                data, stat = self._ask(answer)
                entry = self.said(group, name, _loaded(data))[1]
                said[member] = entry if stat.ephemeralOwner else None
        return said

    def _someone_moved(self, _event: object) -> None:
        """Called by kazoo, in a thread of its own."""
        if self.on_change is not None:
            self.on_change()

    def _path(self, group: str, key: str) -> str:
        path: str = self.coordinator._path_member(group.encode(), key.encode())
        return path


def _loaded(data: bytes) -> object:
    return utils.loads(data) if data else None
