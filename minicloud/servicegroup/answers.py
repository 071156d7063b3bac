"""What follows from who is alive, whatever the driver."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from sqlalchemy.orm import Session

from minicloud.db import services
from minicloud.runtime import dice as chance
from minicloud.servicegroup.watchers import Watchers


class Answers(ABC):
    def __init__(self, dice: chance.Dice | None) -> None:
        self._dice = dice or chance.new()
        self._watchers = Watchers()

    @abstractmethod
    def get_all(self, group: str) -> set[str]: ...

    def get_one(self, group: str) -> str | None:
        alive = sorted(self.get_all(group))
        return self._dice.choice(alive) if alive else None

    def service_is_up(self, member: str, group: str) -> bool:
        return member in self.get_all(group)

    def watch(
        self, group: str, joined: Callable[[str], None], left: Callable[[str], None]
    ) -> Callable[[], None]:
        return self._watchers.add(group, self.get_all(group), joined, left)

    def look(self) -> None:
        for group in self._watchers.groups():
            self._watchers.tell(group, self.get_all(group))


class Names:
    """All members by the database's rows; they are read again when there are others."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, int | None], frozenset[str]]] = {}

    def of(self, db: Session, group: str) -> frozenset[str]:
        mark = services.mark(db, group)
        seen, names = self._known.get(group, (None, frozenset()))
        if mark != seen:
            names = services.names(db, group)
            self._known[group] = (mark, names)
        return names
