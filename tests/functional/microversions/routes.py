"""Which routes and actions there are, by the history alone."""

from typing import Final

from minicloud.api.history import HISTORY


def plain(route: str) -> str:
    """Without the names of variables."""
    return "/".join("{}" if part.startswith("{") else part for part in route.split("/"))


def _changes() -> dict[str, list[tuple[int, bool]]]:
    found: dict[str, list[tuple[int, bool]]] = {}
    for number, change in HISTORY.items():
        for line in change.routes:
            found.setdefault(plain(line[1:]), []).append((number, line[0] == "+"))
    return found


_CHANGES: Final = _changes()


def is_there(verb: str, path: str, key: str, version: int) -> bool:
    changes = _CHANGES.get(f"action {key}" if key else plain(f"{verb} {path}"), [])
    there = not (changes and changes[0][1])  # what comes later was not there before
    for number, comes in changes:
        if number <= version:
            there = comes
    return there


_EMPTY: Final = "204"
# How a route or action succeeds at its first version, where not with 200.
SUCCESS: Final[dict[str, str]] = {
    "POST /servers": "202",
    "DELETE /servers/{}": _EMPTY,
    "DELETE /flavors/{}": "202",
    "DELETE /images/{}": _EMPTY,
    "DELETE /images/{}/metadata/{}": _EMPTY,
    "POST /os-aggregates/{}/images": "202",
    "DELETE /os-keypairs/{}": "202",
    "DELETE /os-quota-sets/{}": "202",
    "POST /os-server-external-events": "200 207",
    "DELETE /os-server-groups/{}": _EMPTY,
    "DELETE /os-services/{}": _EMPTY,
    "DELETE /servers/{}/metadata/{}": _EMPTY,
    "DELETE /servers/{}/migrations/{}": "202",
    "DELETE /servers/{}/os-server-password": _EMPTY,
    "DELETE /servers/{}/tags": _EMPTY,
    "GET /servers/{}/tags/{}": _EMPTY,
    "PUT /servers/{}/tags/{}": "201 204",
    "DELETE /servers/{}/tags/{}": _EMPTY,
    "confirmResize": _EMPTY,
    **dict.fromkeys(
        (
            *("os-start", "os-stop", "reboot", "pause", "unpause", "suspend", "resume"),
            *("unrescue", "rebuild", "resize", "revertResize", "migrate", "os-migrateLive"),
            *("shelve", "shelveOffload", "unshelve", "lock", "unlock", "createImage"),
            *("createBackup", "changePassword", "os-resetState", "forceDelete", "restore"),
            *("addSecurityGroup", "removeSecurityGroup", "addFixedIp", "removeFixedIp"),
            *("addFloatingIp", "removeFloatingIp"),
            *("injectNetworkInfo", "trigger_crash_dump", "force_complete"),
        ),
        "202",
    ),
}


def success(name: str, version: int) -> set[int]:
    """With which statuses it succeeds."""
    words = SUCCESS.get(name, "200").split()
    for number in range(2, version + 1):
        for line in HISTORY[number].statuses:
            thing, _, status = line.rpartition(" ")
            if plain(thing) == name:
                words = [status]
    return {int(word) for word in words}
