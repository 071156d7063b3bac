"""Filters and weighers as users write them: in Nova's shape of now, of once, and with bugs."""

from collections.abc import Iterator
from typing import Any

from minicloud.scheduler import filters
from minicloud.scheduler import weighers as weights


class EvenFilter(filters.BaseHostFilter):
    """Hosts with an even number of instances; as in Nova, but for the line of the import."""

    def host_passes(self, host_state: Any, spec: Any) -> bool:
        return bool(host_state.num_instances % 2 == 0)


class TellingFilter(filters.BaseHostFilter):
    def host_passes(self, host_state: Any, spec: Any) -> bool:
        return bool(host_state.num_instances <= 2)

    def measured(self, host_state: Any, spec: Any) -> tuple[str, Any]:
        return "2 at most", host_state.num_instances


class OnceFilter(filters.BaseHostFilter):
    run_filter_once_per_request = True

    def __init__(self) -> None:
        self.asked: list[str] = []

    def host_passes(self, host_state: Any, spec: Any) -> bool:
        self.asked.append(host_state.host)
        return bool(host_state.num_instances == 0)


class OldFilter:
    """Of the seed era: filter_properties is a dictionary."""

    def host_passes(self, host_state: Any, filter_properties: Any) -> Any:
        memory_mb = filter_properties.get("instance_type")["memory_mb"]
        limit = host_state.total_usable_ram_mb * host_state.ram_allocation_ratio
        used = host_state.total_usable_ram_mb - host_state.free_ram_mb
        if limit - used < memory_mb:
            return False
        host_state.limits["memory_mb"] = limit
        return 1


class LimitingFilter(filters.BaseHostFilter):
    """Some of its limits are none."""

    def host_passes(self, host_state: Any, spec: Any) -> bool:
        limits = {"memory_mb": 1000, "num_instances": 3.0, "vcpu": None, "disk_gb": float("inf")}
        host_state.limits.update(limits, numa_topology="cells")
        return True


class BrokenFilter(filters.BaseHostFilter):
    """Raises for every host with an odd number of instances, and refuses those with none."""

    def host_passes(self, host_state: Any, spec: Any) -> bool:
        if host_state.num_instances % 2:
            raise KeyError("gpus")
        return bool(host_state.num_instances)


class TwoBestFilter:
    """Sees all hosts together."""

    def filter_all(self, hosts: list[Any], spec: Any) -> Iterator[Any]:
        yield from sorted(hosts, key=lambda host: -int(host.free_ram_mb))[:2]


class BrokenTogetherFilter:
    def filter_all(self, hosts: list[Any], spec: Any) -> list[Any]:
        raise RuntimeError("bug")


class MarkingFilter(filters.BaseHostFilter):
    def host_passes(self, host_state: Any, spec: Any) -> bool:
        host_state.mark = host_state.num_instances * 10
        return True


class MarkWeigher(weights.BaseHostWeigher):
    def _weigh_object(self, host_state: Any, weight_properties: Any) -> float:
        return float(host_state.mark)


class FewWeigher(weights.BaseHostWeigher):
    minval = 1
    maxval = 4

    def weight_multiplier(self, host_state: Any) -> float:
        return -2.0

    def _weigh_object(self, host_state: Any, weight_properties: Any) -> float:
        return float(host_state.num_instances)


class OldWeigher:
    """Of the seed era: a multiplier that is told no host."""

    def _weight_multiplier(self) -> float:
        return 3.0

    def _weigh_object(self, host_state: Any, weight_properties: Any) -> float:
        return float(host_state.num_instances)


class TogetherWeigher:
    weight_multiplier = 1

    def weigh_objects(self, weighed: list[Any], weight_properties: Any) -> list[float]:
        most = max(one.obj.num_instances for one in weighed)
        return [float(one.obj.num_instances == most) for one in weighed]


class BrokenWeigher(weights.BaseHostWeigher):
    def _weigh_object(self, host_state: Any, weight_properties: Any) -> float:
        return float(1 / host_state.num_instances)


class NoPlugin:
    """Of no shape that is known."""


class UnmadeFilter(filters.BaseHostFilter):
    def __init__(self) -> None:
        raise OSError("no such device")


def some_filters() -> list[type[Any]]:
    return [EvenFilter, OldFilter]


NUMBER = 5


class LookingFilter(filters.BaseHostFilter):
    """Reads whatever a host and a request have, by attributes and by items."""

    wants_contents = True

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.spec: Any = None

    def host_passes(self, host_state: Any, spec: Any) -> bool:
        self.seen = {name: getattr(host_state, name) for name in HOST_STATE}
        self.spec = spec
        return True


HOST_STATE = (
    *("host", "nodename", "hypervisor_hostname", "host_ip", "updated", "service"),
    *("free_ram_mb", "total_usable_ram_mb", "free_disk_mb", "disk_mb_used"),
    *("total_usable_disk_gb", "vcpus_total", "vcpus_used"),
    *("cpu_allocation_ratio", "ram_allocation_ratio", "disk_allocation_ratio"),
    *("num_instances", "num_io_ops", "failed_builds", "limits", "stats", "metrics"),
    *("hypervisor_type", "hypervisor_version", "cpu_info", "supported_instances"),
    *("aggregates", "instances"),
)
