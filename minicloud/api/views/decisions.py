"""Why a server was refused: reasons with numbers of hosts for its owner, hosts for the admin."""

from collections.abc import Mapping
from typing import Any

from minicloud.api.views.moments import with_z
from minicloud.db.actions import SUCCESS
from minicloud.db.models import InstanceAction
from minicloud.errors import RetriesExhausted


def show(action: InstanceAction | None, *, hosts: bool) -> dict[str, Any]:
    """`hosts`: with what names hosts or tells of a single one."""
    said = (action.decision if action else None) or {}
    shown = {
        "action": action.action if action else None,
        "request_id": action.request_id if action else None,
        "decided_at": with_z(action.finish_time) if action and said else None,
        "outcome": _outcome(action),
        "code": said.get("code"),
        "message": said.get("message"),
        "hosts": said["hosts"] if "counts" in said else None,
        "reasons": reasons(said),
    }
    if hosts:
        shown["explanation"] = said.get("explanation")
        shown["tried"] = _tried(said)
    return shown


def reasons(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """In the order in which hosts are looked at."""
    counts: Mapping[str, int] = said.get("counts") or {}
    return [{"reason": name, "hosts": count} for name, count in counts.items()]


def _outcome(action: InstanceAction | None) -> str:
    if action is None:
        return "none"
    if action.decision:
        return "waiting" if action.finish_time is None else "refused"
    if action.finish_time is None:
        return "under_way"
    return "placed" if action.result == SUCCESS else "failed"


def _tried(said: Mapping[str, Any]) -> list[dict[str, str]]:
    """The hosts that a build was tried on, where it was given up after that."""
    if said.get("code") != RetriesExhausted.code:
        return []
    return [{"host": host, "node": node} for host, node in said.get("hosts", ())]
