"""What the commands of `minicloud-manage quota` work on: the books, and whom the words name."""

from dataclasses import dataclass

from oslo_config import cfg

from minicloud.cmd import parts
from minicloud.cmd.limits_book import opened
from minicloud.context import RequestContext, for_service
from minicloud.db import identity
from minicloud.db.engine import Database
from minicloud.db.identity import Reference
from minicloud.db.models import Project, User
from minicloud.errors import CannotStart
from minicloud.runtime import steps
from minicloud.runtime.clock import SystemClock
from minicloud.zones.local.quotas import LocalQuotas

_LONGEST_ID = 64
_MOST_NAMES = 20


@dataclass(frozen=True)
class Named:
    """A project or a user: its id, and what to call it."""

    id: str
    name: str


class Books:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._database: Database = parts.database(conf, SystemClock(), steps.nothing)
        self.quotas = LocalQuotas(conf, self._database)

    def project(self, word: str) -> Named:
        return self._named(Project, word)

    def user(self, word: str | None) -> Named | None:
        return None if word is None else self._named(User, word)

    def context(self, project: Named | None = None) -> RequestContext:
        """Of whoever is at this machine; the class of the project is told with it."""
        context = for_service("manage")
        if project is not None:
            context.project_id, context.quota_class = project.id, self._class_of(project.id)
        return context

    def _class_of(self, project_id: str) -> str | None:
        if not self._conf.ratelimit.enabled:
            return None
        with opened(self._conf) as found:
            return found.book.read().classes.get(project_id)

    def _named(self, kind: type[Project] | type[User], word: str) -> Named:
        """By id or name. A Keystone of its own knows names that the books do not: an id is it."""
        what = kind.__name__.lower()
        look = identity.project if kind is Project else identity.user
        for reference in (Reference(id=word), Reference(name=word, domain_id="default")):
            found = self._database.read(lambda db, one=reference: look(db, one))  # type: ignore[misc]
            if found is not None:
                return Named(found.id, found.name)
        if self._conf.identity.external:
            if len(word) > _LONGEST_ID:
                raise CannotStart(f"{word[:80]} is not the id of a {what}")
            return Named(word, word)
        there = self._database.read(lambda db: identity.names(db, kind, _MOST_NAMES))
        raise CannotStart(f"there is no {what} {word[:80]!r}; there are {', '.join(there)}")
