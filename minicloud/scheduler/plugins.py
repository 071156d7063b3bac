"""Filters and weighers: what they are, and how they are made ready by name.

Those in Nova's shape, which know one host at a time, are made into these by `per_host`. They have
the attribute `is_per_host`: hosts that are alike in all columns may differ to them, and what they
said of a request may not be so for another like it. They are asked by methods of their own, of the
hosts that are left only: `judged` (judgement.py) and `weigh_among`.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from oslo_config import cfg

from minicloud import errors
from minicloud.scheduler import lookup
from minicloud.scheduler.hosts import HostTable, Mask, Numbers
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class Filter(Protocol):
    """Which hosts may take the request."""

    def __init__(self, conf: cfg.ConfigOpts) -> None: ...

    def passes(self, hosts: HostTable, request: Request) -> Mask: ...

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        """What the host at this place was asked for and has, in a few words."""


class Weigher(Protocol):
    """How much each host is preferred; `minimum` and `maximum` bound the values before they are
    normalised, where a weigher has them (SEMANTICS section 10).

    Where `weigh` gives NaN the weigher has failed for that host, which is then refused.
    """

    minimum: float | None
    maximum: float | None

    def __init__(self, conf: cfg.ConfigOpts) -> None: ...

    def multipliers(self, hosts: HostTable) -> Numbers | float:
        """By what the normalised value counts, for each host, or for all."""

    def weigh(self, hosts: HostTable, request: Request) -> Numbers: ...


def load(kind: str, names: Sequence[str], conf: cfg.ConfigOpts) -> list[tuple[str, Any]]:
    """The plug-ins of these names, in this order; who is named again is there already.

    `kind` is "filters" or "weighers". A name is that of an entry point, of a class to which
    `available_filters` leads, or the whole path of a class, which is then known by its last part.
    CannotStart for any other, and for a class of no known shape.
    """
    option = f"[filter_scheduler] enabled_{kind}"
    paths = conf.filter_scheduler.available_filters if kind == "filters" else lookup.ALL[kind][:1]
    known = lookup.available(kind, paths)
    found: dict[str, type[Any]] = {}
    for name in names:
        for short, made in lookup.named(option, kind, name, known).items():
            is_taken = found.get(short, made) is not made
            found.setdefault(name if is_taken else short, made)
    return [(name, _made(option, kind, name, found[name], conf)) for name in found]


def _made(option: str, kind: str, name: str, made: type[Any], conf: cfg.ConfigOpts) -> Any:
    try:
        if hasattr(made, "passes" if kind == "filters" else "weigh"):
            return made(conf)
        from minicloud.scheduler.per_host import adapters  # few have plug-ins of this kind

        return adapters.made(kind, name, made)
    except errors.CannotStart as error:
        raise errors.CannotStart(f"{option}: {name}: {error}") from None
    except Exception as error:
        raise errors.CannotStart(f"{option}: {name}: {type(error).__name__}: {error}") from error
