"""What `minicloud status` tells of servers and services: asked of the cloud's own API."""

import http.client
import json
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from minicloud.cmd.service_words import kept_by, lasted
from minicloud.servicegroup.base import Store

_PATIENCE_S: Final = 3.0
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is near by
_COUNTED: Final = 1000  # servers that one page can have


@dataclass(frozen=True)
class Overview:
    """Lines for a person; `ill`: what wants to be looked at."""

    servers: str
    in_use: str
    services: str
    ill: bool
    members: str = ""
    members_ill: bool = False


def ask(url: str, log_in: Callable[[], str]) -> Overview | None:
    """None when the API does not answer, or not to whoever logs in."""
    try:
        token = log_in()
        used = _get(url, token, "os-hypervisors/statistics")["hypervisor_statistics"]
        services, source = _services(url, token)
        path = f"servers?all_tenants=1&status=ERROR&limit={_COUNTED}"
        broken = len(_get(url, token, path)["servers"])
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return None
    members, is_away = tell_source(source)
    return replace(tell(used, services, broken), members=members, members_ill=is_away)


def tell(used: Mapping[str, int], services: Sequence[Mapping[str, str]], broken: int) -> Overview:
    down = [_name(one) for one in services if one["state"] != "up"]
    disabled = [_name(one) for one in services if one["status"] != "enabled"]
    parts = [_counted(services)]
    parts += [f"down: {_few(down)}"] if down else []
    parts += [f"disabled: {_few(disabled)}"] if disabled else []
    in_error = f", {broken}{'+' if broken == _COUNTED else ''} in ERROR" if broken else ""
    in_use = (
        f"{used['vcpus_used']} of {used['vcpus']} vCPUs, "
        f"{_gb(used['memory_mb_used'])} of {_gb(used['memory_mb'])} GB memory, "
        f"{used['local_gb_used']} of {used['local_gb']} GB disk"
    )
    servers = f"{used['running_vms']} on hosts{in_error}"
    return Overview(servers, in_use, "; ".join(parts), bool(down or broken))


def admin(auth_url: str, password: str) -> str:
    """A token of the user admin."""
    domain = {"id": "default"}
    user = {"name": "admin", "domain": domain, "password": password}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"project": {"name": "admin", "domain": domain}}
    body = json.dumps({"auth": {"identity": identity, "scope": scope}}).encode()
    request = urllib.request.Request(
        f"{auth_url}/auth/tokens", body, {"Content-Type": "application/json"}
    )
    with _OPENER.open(request, timeout=_PATIENCE_S) as answer:
        return str(answer.headers["X-Subject-Token"])


def _get(url: str, token: str, path: str) -> dict[str, Any]:
    with _open(url, token, path) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _open(url: str, token: str, path: str) -> Any:
    headers = {"X-Auth-Token": token}
    request = urllib.request.Request(f"{url}/compute/v2.1/{path}", headers=headers)
    return _OPENER.open(request, timeout=_PATIENCE_S)


def tell_source(source: str | None) -> tuple[str, bool]:
    """Who says which services live, by a header of the API; and whether it cannot say so now."""
    if source is None:
        return "", False
    told = json.loads(source)
    oldest_s = told.pop("oldest_s", None)
    store = Store(**told)
    is_well = store.away_s is None and not store.settles_s
    oldest = f"; the oldest sign of life is {lasted(oldest_s)} old" if oldest_s is not None else ""
    return kept_by(store) + oldest, not is_well


def _counted(services: Sequence[Mapping[str, str]]) -> str:
    """nova-compute 2 of 3 up, nova-conductor 1 up"""
    up, every = Counter[str](), Counter[str]()
    for one in services:
        every[one["binary"]] += 1
        up[one["binary"]] += one["state"] == "up"
    each = [
        f"{binary} {up[binary]}{f' of {count}' if up[binary] < count else ''} up"
        for binary, count in sorted(every.items())
    ]
    return ", ".join(each) or "none"


def _services(url: str, token: str) -> tuple[list[dict[str, str]], str | None]:
    with _open(url, token, "os-services") as answer:
        found: list[dict[str, str]] = json.load(answer)["services"]
        return found, answer.headers["X-Minicloud-Service-Group"]


def _name(service: Mapping[str, str]) -> str:
    return f"{service['binary']} on {service['host']}"


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _gb(megabytes: int) -> str:
    gigabytes = megabytes / 1024
    return f"{gigabytes:.0f}" if gigabytes >= 1000 else f"{gigabytes:.4g}"
