"""The commands of `minicloud-manage service` that change something."""

import sys
from collections.abc import Mapping
from typing import Any, Final

from oslo_config import cfg

from minicloud.api.schemas.services import UPDATE
from minicloud.api.versions import Since
from minicloud.cmd.service_books import Books, refusals
from minicloud.cmd.service_said import state, status
from minicloud.cmd.service_words import ago
from minicloud.db.models import Service
from minicloud.errors import CannotStart
from minicloud.runtime.within import OneAtATime
from minicloud.servicegroup.base import Store
from minicloud.zones.base import ServiceView

_SOON: Final = OneAtATime[tuple[ServiceView, Store] | None]()
_SOON_S: Final = 5.0


def disable(conf: cfg.ConfigOpts) -> None:
    reason = conf.command.reason
    with refusals():  # a reason is what the API takes for one
        wanted = {"disabled_reason": reason} if reason is not None else {}
        UPDATE.check({"status": "disabled", **wanted}, Since.UUIDS_OF_HOSTS, legacy=False)
    _change(conf, {"disabled": True, "disabled_reason": reason})


def enable(conf: cfg.ConfigOpts) -> None:
    _change(conf, {"disabled": False, "disabled_reason": None})


def force_down(conf: cfg.ConfigOpts) -> None:
    _change(conf, {"forced_down": not conf.command.off})


def delete(conf: cfg.ConfigOpts) -> None:
    books = Books(conf)
    service = books.named(conf.command.service)
    before = _seen(books, service)
    with refusals():
        books.services.remove(books.context, service)
    print(f"{service.binary} on {service.host} is deleted")
    if before is not None and before[0].up:
        heard = ago(before[0].standing.age_s)
        print(f"it was up (heard {heard}): stop its program, or it comes back with its next sign")


def _change(conf: cfg.ConfigOpts, facts: Mapping[str, Any]) -> None:
    books = Books(conf)
    service = books.compute(conf.command.compute_host)
    with refusals():
        books.services.change(books.context, service, facts)
    print(_said(books, service))


def _said(books: Books, service: Service) -> str:
    """What the service is now."""
    seen = _seen(books, service)
    if seen is None:
        return f"{service.host}: done"
    view, store = seen
    heard = "" if view.standing.age_s is None else f", heard {ago(view.standing.age_s)}"
    return f"{view.row.host}: {status(view)}, {state(view, store)}{heard}"


def _seen(books: Books, service: Service) -> tuple[ServiceView, Store] | None:
    """The act needs the database alone: it is done where nobody can say who lives."""
    try:
        return _SOON.run(lambda: books.view(service), _SOON_S)
    except CannotStart as error:
        print(f"note: {error}", file=sys.stderr)
    except TimeoutError:
        print("note: the service group does not answer: who lives is not known", file=sys.stderr)
    return None
