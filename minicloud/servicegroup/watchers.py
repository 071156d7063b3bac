"""Who wants to be told of members that join and leave."""

import logging
import threading
from collections.abc import Callable, Set
from dataclasses import dataclass, field

LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class _Watcher:
    group: str
    joined: Callable[[str], None]
    left: Callable[[str], None]
    seen: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, alive: Set[str]) -> None:
        with self.lock:
            came, gone = sorted(alive - self.seen), sorted(self.seen - alive)
            self.seen = set(alive)
        for who, call in ((came, self.joined), (gone, self.left)):
            for member in who:
                try:
                    call(member)
                except Exception:
                    LOG.exception("%s: who watches %s failed", member, self.group)


class Watchers:
    """They are told what differs from what they were told last."""

    def __init__(self) -> None:
        self._watchers: list[_Watcher] = []
        self._lock = threading.Lock()

    def add(
        self,
        group: str,
        alive: Set[str],
        joined: Callable[[str], None],
        left: Callable[[str], None],
    ) -> Callable[[], None]:
        """`alive`: whom they know already. Returns what ends it."""
        watcher = _Watcher(group, joined, left, set(alive))
        with self._lock:
            self._watchers.append(watcher)

        def end() -> None:
            with self._lock:
                if watcher in self._watchers:
                    self._watchers.remove(watcher)

        return end

    def groups(self) -> set[str]:
        with self._lock:
            return {watcher.group for watcher in self._watchers}

    def tell(self, group: str, alive: Set[str]) -> None:
        with self._lock:
            wanted = [watcher for watcher in self._watchers if watcher.group == group]
        for watcher in wanted:
            watcher.tell(alive)
