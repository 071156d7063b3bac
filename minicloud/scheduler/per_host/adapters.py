"""Makes a class in Nova's shape one of our filters or weighers."""

from typing import Any, Final

from minicloud.errors import CannotStart
from minicloud.scheduler.per_host.filters import PerHostFilter
from minicloud.scheduler.per_host.view import Views
from minicloud.scheduler.per_host.weighers import PerHostWeigher

_ASKED: Final = {
    "filters": ("host_passes", "filter_all"),
    "weighers": ("_weigh_object", "weigh_objects"),
}
_VIEWS: Final = Views()  # of all: what a filter writes on a host, a weigher of the choice can read


def made(kind: str, name: str, plugin: type[Any]) -> PerHostFilter | PerHostWeigher:
    """CannotStart for a class of another shape."""
    if not any(hasattr(plugin, method) for method in _ASKED[kind]):
        ours = "passes" if kind == "filters" else "weigh"
        raise CannotStart(f"the class has none of {', '.join((ours, *_ASKED[kind]))}")
    if kind == "filters":
        return PerHostFilter(name, plugin(), _VIEWS)
    return PerHostWeigher(name, plugin(), _VIEWS)
