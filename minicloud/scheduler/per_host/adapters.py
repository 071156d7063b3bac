"""Makes a class in Nova's shape one of our filters or weighers."""

from typing import Any, Final

from minicloud.errors import CannotStart
from minicloud.scheduler.per_host.filters import PerHostFilter
from minicloud.scheduler.per_host.view import Views
from minicloud.scheduler.per_host.weighers import PerHostWeigher

_SHAPES: Final = {
    "filters": (PerHostFilter, ("host_passes", "filter_all")),
    "weighers": (PerHostWeigher, ("_weigh_object", "weigh_objects")),
}
_VIEWS: Final = Views()  # of all: what a filter writes on a host, a weigher of the choice can read


def made(kind: str, name: str, plugin: type[Any]) -> PerHostFilter | PerHostWeigher:
    """CannotStart for a class of another shape."""
    adapter, methods = _SHAPES[kind]
    if not any(hasattr(plugin, method) for method in methods):
        ours = "passes" if kind == "filters" else "weigh"
        raise CannotStart(f"the class has none of {', '.join((ours, *methods))}")
    return adapter(name, plugin(), _VIEWS)
