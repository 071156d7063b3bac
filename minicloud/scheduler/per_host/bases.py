"""What a filter or weigher in Nova's shape inherits: all is there, but its one question."""

from collections.abc import Iterable, Iterator
from typing import Any


class BaseHostFilter:
    """Subclasses answer `host_passes`; or `filter_all`, where the hosts must be seen together."""

    run_filter_once_per_request = False  # the first instance's answer serves the whole request
    RUN_ON_REBUILD = False  # whether it is asked about a new image for a server on its host

    def host_passes(self, host_state: Any, spec: Any) -> bool:
        raise TypeError(f"{type(self).__name__} has neither host_passes nor filter_all")

    def _filter_one(self, host_state: Any, spec: Any) -> bool:
        return self.host_passes(host_state, spec)

    def filter_all(self, host_states: Iterable[Any], spec: Any) -> Iterator[Any]:
        return (state for state in host_states if self._filter_one(state, spec))


class BaseHostWeigher:
    """Subclasses answer `_weigh_object`; or `weigh_objects`, for all hosts at once."""

    minval: float | None = None  # bounds of the numbers before they are normalised
    maxval: float | None = None

    def weight_multiplier(self, host_state: Any) -> float:
        return 1.0

    def _weigh_object(self, host_state: Any, weight_properties: Any) -> float:
        raise TypeError(f"{type(self).__name__} has neither _weigh_object nor weigh_objects")

    def weigh_objects(self, weighed: Iterable[Any], weight_properties: Any) -> list[float]:
        return [self._weigh_object(one.obj, weight_properties) for one in weighed]
