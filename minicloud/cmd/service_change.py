"""The commands of `minicloud-manage service` that change something."""

from collections.abc import Mapping
from typing import Any

from oslo_config import cfg

from minicloud.api.schemas.services import UPDATE
from minicloud.api.versions import Since
from minicloud.cmd.service_books import Books, refusals
from minicloud.cmd.service_said import status
from minicloud.cmd.service_words import ago
from minicloud.db.models import Service


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
    before = books.view(service)
    with refusals():
        books.services.remove(books.context, service)
    print(f"{service.binary} on {service.host} is deleted")
    if before is not None and before.up:
        heard = ago(before.standing.age_s)
        print(f"it was up (heard {heard}): stop its program, or it comes back with its next sign")


def _change(conf: cfg.ConfigOpts, facts: Mapping[str, Any]) -> None:
    books = Books(conf)
    service = books.compute(conf.command.compute_host)
    with refusals():
        books.services.change(books.context, service, facts)
    print(_said(books, service))


def _said(books: Books, service: Service) -> str:
    """What the service is now."""
    view = books.view(service)
    if view is None:
        return f"{service.host}: done"
    forced = view.row.forced_down
    state = "forced down" if forced else "up" if view.up else "down"
    heard = "" if view.standing.age_s is None else f", heard {ago(view.standing.age_s)}"
    return f"{view.row.host}: {status(view)}, {state}{heard}"
