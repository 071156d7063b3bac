"""What the commands of `minicloud-manage service` work on, and whom their words name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from oslo_config import cfg

from minicloud import errors
from minicloud.cmd import parts
from minicloud.cmd.service_unheard import Unheard
from minicloud.context import for_service
from minicloud.db import services
from minicloud.db.models import Service
from minicloud.runtime import steps
from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup.base import COMPUTE, ServiceGroup, Store
from minicloud.zones.base import ServiceView
from minicloud.zones.local.hosts import LocalHosts
from minicloud.zones.local.services import LocalServices

_MOST_NAMES: Final = 10
_LONGEST: Final = 255
_REFUSALS: Final = (errors.BadRequest, errors.NotFound, errors.Conflict)


class Books:
    """The zone as the API knows it, without the API: the database and the service group."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.context = for_service("manage")
        self._conf = conf
        self._database = parts.database(conf, SystemClock(), steps.nothing)
        self.services = LocalServices(self._database)

    @contextmanager
    def group(self) -> Iterator[tuple[LocalHosts, ServiceGroup]]:
        """Whoever says which services live; CannotStart where that is not to be had."""
        group = parts.service_group(self._conf, self._database)
        try:
            yield LocalHosts(self._conf, self._database, group), group
        finally:
            group.close()

    def views(
        self, *, host: str | None = None, binary: str | None = None
    ) -> tuple[Sequence[ServiceView], Store]:
        """The services, and who says which of them live: if need be, nobody."""
        try:
            with self.group() as (hosts, group):
                return hosts.services(self.context, host=host, binary=binary), group.store()
        except errors.StoreNotThere as error:
            unheard = Unheard(self._conf, error)
        hosts = LocalHosts(self._conf, self._database, unheard)
        return hosts.services(self.context, host=host, binary=binary), unheard.store()

    def compute(self, host: str) -> Service:
        """The service of a compute host. CannotStart, with the hosts there are."""
        check_words(host)
        try:
            return self.services.named(self.context, host, COMPUTE)
        except errors.BinaryNotFound as error:
            raise errors.CannotStart(f"{error} {self._hosts()}") from error

    def named(self, word: str) -> Service:
        """By host, which is a compute host's where there are several of it; by number or uuid."""
        check_words(word)
        of_host = self._database.read(lambda db: services.of_group(db, host=word))
        by_id = self._database.read(lambda db: services.get(db, word))
        of_compute = [row for row in of_host if row.binary == COMPUTE]
        found = of_compute or of_host or ([by_id] if by_id else [])
        if not found:
            raise errors.CannotStart(f"Service {word[:80]} could not be found. {self._hosts()}")
        if len(found) > 1 or (of_host and by_id and by_id.id != found[0].id):
            which = ", ".join(f"{row.uuid} ({row.binary} on {row.host})" for row in of_host)
            which += f", {by_id.uuid} ({by_id.binary} on {by_id.host})" if by_id else ""
            raise errors.CannotStart(f"{word} names more than one service; say which: {which}")
        return found[0]

    def view(self, service: Service) -> tuple[ServiceView, Store] | None:
        """As it is now; None when it is not there any more."""
        found, store = self.views(host=service.host, binary=service.binary)
        return (found[0], store) if found else None

    def _hosts(self) -> str:
        names = sorted(self._database.read(lambda db: services.names(db, COMPUTE)))
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        known = ", ".join(names[:_MOST_NAMES]) + more
        return f"Compute hosts are {known}." if names else "No compute host was ever heard of."


def check_words(*words: str | None) -> None:
    """Names that could be some: the bytes of another encoding cannot."""
    for word in words:
        if word is not None and not (word.isprintable() and 0 < len(word) <= _LONGEST):
            raise errors.CannotStart(f"{word[:80]!a} is no name of a service or host")


@contextmanager
def refusals() -> Iterator[None]:
    """What the API would refuse, in its words."""
    try:
        yield
    except _REFUSALS as error:
        raise errors.CannotStart(str(error)) from error
