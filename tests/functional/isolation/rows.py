"""The isolation matrix: for every route the kind of thing that it is about, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from tests.functional.isolation import rows_cloud, rows_servers, rows_services, rows_things

TABLES: Final = {
    "Servers": rows_servers.SERVERS,
    "Metadata and tags of servers": rows_servers.LABELS,
    "What was done to servers": rows_servers.LOGS,
    "What is attached to servers": rows_servers.ATTACHMENTS,
    "What is asked of servers": rows_servers.ACTIONS,
    "Key pairs, groups, images": rows_things.OWN,
    "Limits and use": rows_things.NUMBERS,
    "Flavors": rows_things.FLAVORS,
    "The cloud": rows_cloud.CLOUD,
    "Hosts": rows_cloud.HOSTS,
    "What other services have": rows_cloud.ELSEWHERE,
}
_OLD_NAME: Final = "/os-volumes_boot"  # of servers, and of what is asked of them by these
_OF_OLD_NAME: Final = ("/servers", "/servers/detail", "/servers/{server_id}")


@dataclass(frozen=True)
class Must:
    """`route`: verb, path and key, as minicloud's table has them. `kind`: of who.py.

    `answer`: to whoever may. `given`: which thing a variable of the path names.
    """

    route: str
    kind: str
    answer: int
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.route.split()[1]


def read(table: str) -> list[Must]:
    found = []
    for line in table.strip().splitlines():
        *words, route, kind, answer = _columns(line)
        given = dict(word.split("=") for word in words)
        found.append(Must(route, kind, int(answer), given))
    return found


def _columns(line: str) -> list[str]:
    """What is given, the route, the kind, the answer."""
    words = line.split()
    given = [word for word in words if "=" in word]
    *route, kind, answer = (word for word in words if "=" not in word)
    return [*given, " ".join(route), kind, answer]


def _all_alike(table: str, kind: str, answer: int) -> list[Must]:
    """Of a table that has a path, and its verbs."""
    return [
        Must(f"{verb} {path}", kind, answer)
        for path, *verbs in (line.split() for line in table.strip().splitlines())
        for verb in verbs
    ]


def _under_the_old_name(rows: list[Must]) -> list[Must]:
    return [
        replace(row, route=row.route.replace("/servers", _OLD_NAME))
        for row in rows
        if row.path in (*_OF_OLD_NAME, "/servers/{server_id}/action")
    ]


_READ: Final = [
    *(row for table in TABLES.values() for row in read(table)),
    *_all_alike(rows_cloud.GONE, "gone", 410),
]
MUST: Final = (*_READ, *_under_the_old_name(_READ))


def _mounted(where: str, rows: list[Must]) -> list[Must]:
    return [replace(row, route=row.route.replace(" /", f" {where}/", 1)) for row in rows]


SERVICES: Final = {
    "/identity": {
        "Users, projects, tokens": rows_services.IDENTITY,
        "The deployment": rows_services.DEPLOYMENT,
        "Roles elsewhere": rows_services.NO_ROLES,
    },
    "/image": {"Images": rows_services.IMAGE},
}
OF_SERVICES: Final = (
    *(
        row
        for where, tables in SERVICES.items()
        for table in tables.values()
        for row in _mounted(where, read(table))
    ),
    *_mounted("/identity", _all_alike(rows_services.NO_GROUPS, "admin-of", 404)),
)
