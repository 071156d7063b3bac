"""The hints for the scheduler: what is none ends here, and not in a server in ERROR.

Nova's names have the forms of the schema and are looked at once more; others are kept as they are.
"""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Final

import orjson

from minicloud import errors
from minicloud.api.faults import invalid
from minicloud.api.schemas.forms import any_address
from minicloud.scheduler.json_query import BadQuery, parsed

MOST_BYTES: Final = 65_536  # of all hints as JSON
DEEPEST: Final = 8
_CIDR: Final = "/24"  # as Nova's filter has it


def hints_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    hints: Mapping[str, Any] = (
        body.get("os:scheduler_hints") or body.get("OS-SCH-HNT:scheduler_hints") or {}
    )
    if _depth(hints) > DEEPEST or len(orjson.dumps(hints)) > MOST_BYTES:
        raise errors.BadRequest("The scheduler hints are too large or nested too deeply.")
    _check_query(hints.get("query"))
    _check_network(hints.get("build_near_host_ip"), hints.get("cidr"))
    return hints


def _check_query(hint: Any) -> None:
    """Text, as in Nova's documents; its schema has objects too, of which only {} is a query."""
    try:
        if isinstance(hint, str):
            parsed(hint)
        elif hint:
            raise BadQuery('query must be a text, as \'[">=", "$free_ram_mb", 1024]\'')
    except BadQuery as error:
        raise invalid("field/attribute", "query", hint, str(error)) from None


def _check_network(near: str | None, cidr: str | None) -> None:
    """Together they are a network; of either family, with a length or a mask."""
    if near is None:
        return
    any_address("build_near_host_ip", near)
    try:
        ip_network(near + (cidr or _CIDR), strict=False)
    except ValueError:
        reason = f"'{near}{cidr}' is no network"
        raise invalid("field/attribute", "cidr", cidr, reason) from None


def _depth(value: object) -> int:
    """How deeply lists and objects are nested; counted no further than matters."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        nested = [one for one in level if isinstance(one, dict | list)]
        inner = (one.values() if isinstance(one, dict) else one for one in nested)
        level = [item for items in inner for item in items]
        depth += bool(nested)
    return depth
