"""Filters and weighers: what they are, and how they are found by name."""

from collections.abc import Sequence
from typing import Any, Protocol

from oslo_config import cfg
from stevedore import ExtensionManager

from minicloud import errors
from minicloud.scheduler.explain import Measure
from minicloud.scheduler.hosts import HostTable, Mask, Numbers
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
    """The plug-ins of these names, in this order. CannotStart for a name nobody has.

    `kind` is "filters" or "weighers".
    """
    manager = ExtensionManager(f"minicloud.scheduler.{kind}")
    known = {extension.name: extension.plugin for extension in manager}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise errors.CannotStart(
            f"[filter_scheduler] enabled_{kind}: there is no {', '.join(unknown)}; "
            f"known are {', '.join(sorted(known))}"
        )
    return [(name, known[name](conf)) for name in names]
