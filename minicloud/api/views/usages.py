"""What servers have run, in hours, as Nova shows it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from minicloud.zones.usages import Run

_TIME: Final = "%Y-%m-%dT%H:%M:%S.%f"
_HOUR: Final = timedelta(hours=1)


class Window:
    """The asked time, and the moment of the question."""

    def __init__(self, begin: datetime, end: datetime, now: datetime) -> None:
        self.begin, self.end, self._now = begin, end, now

    def hours(self, run: Run) -> float:
        begin = max(run.launched_at, self.begin)
        end = min(run.terminated_at or self.end, self.end)
        return max(end - begin, timedelta()) / _HOUR

    def server(self, run: Run) -> dict[str, Any]:
        ended = run.terminated_at
        return {
            "instance_id": run.uuid,
            "name": run.name,
            "tenant_id": run.project_id,
            "flavor": run.flavor_name,
            "vcpus": run.vcpus,
            "memory_mb": run.memory_mb,
            "local_gb": run.disk_gb,
            "hours": self.hours(run),
            "started_at": run.launched_at.strftime(_TIME),
            "ended_at": None if ended is None else ended.strftime(_TIME),
            "state": run.vm_state if ended is None else "terminated",
            "uptime": int(((ended or self._now) - run.launched_at).total_seconds()),
        }

    def projects(self, runs: Sequence[Run], *, detailed: bool) -> list[dict[str, Any]]:
        """One summary a project, in the order of the runs."""
        found: dict[str, dict[str, Any]] = {}
        for run in runs:
            summary = found.setdefault(run.project_id, self._summary(run.project_id))
            hours = self.hours(run)
            summary["total_hours"] += hours
            summary["total_vcpus_usage"] += run.vcpus * hours
            summary["total_memory_mb_usage"] += run.memory_mb * hours
            summary["total_local_gb_usage"] += run.disk_gb * hours
            if detailed:
                summary.setdefault("server_usages", []).append(self.server(run))
        return list(found.values())

    def _summary(self, project_id: str) -> dict[str, Any]:
        totals = ("hours", "vcpus_usage", "memory_mb_usage", "local_gb_usage")
        return {
            "tenant_id": project_id,
            "start": self.begin.strftime(_TIME),
            "stop": self.end.strftime(_TIME),
            **{f"total_{name}": 0.0 for name in totals},
        }


def audits(hosts: Sequence[str], begin: datetime, end: datetime) -> dict[str, Any]:
    """Hosts send no audits here, so none has been done on any."""
    return {
        "hosts_not_run": list(hosts),
        "log": {},
        "num_hosts": len(hosts),
        "num_hosts_done": 0,
        "num_hosts_not_run": len(hosts),
        "num_hosts_running": 0,
        "overall_status": (
            f"0 of {len(hosts)} hosts done. 0 errors." if hosts else "ALL hosts done. 0 errors."
        ),
        "period_beginning": str(begin),
        "period_ending": str(end),
        "total_errors": 0,
        "total_instances": 0,
    }
