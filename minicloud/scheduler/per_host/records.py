"""Facts that are read both ways: `flavor.memory_mb` as now, `flavor["memory_mb"]` as once."""

from typing import Any


class Record(dict[str, Any]):
    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no {name!r}") from None

    def obj_attr_is_set(self, name: str) -> bool:
        return name in self
