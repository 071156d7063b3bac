"""`minicloud explain`: why a server is where it is, or nowhere."""

import argparse
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from minicloud.cmd.client import Client, Trouble, is_uuid, one_of, spoken
from minicloud.cmd.state import State

_PAGE: Final = 1000


def explain(options: argparse.Namespace) -> int:
    try:
        return _told(options, Client.of(State(options.state_dir)))
    except Trouble as trouble:
        return spoken(trouble, options)


def _told(options: argparse.Namespace, client: Client) -> int:
    server = _server(options.server, client)
    path = f"/servers/{server['id']}/scheduling"
    last = client.get(path)["scheduling"]
    now = client.get(f"{path}/now", limit=options.limit)["what_if"]
    if options.format == "json":
        print(json.dumps({"last": last, "now": now}, indent=1))
        return 0
    from rich.console import Console

    from minicloud.cmd import explained

    console = Console(highlight=False)
    console.print(explained.of_server(server, last, now, console, options.limit))
    return 0


def _server(ref: str, client: Client) -> Mapping[str, Any]:
    """By its id, or by a name that only one has, whosever it is."""
    if is_uuid(ref):
        found: Mapping[str, Any] = client.get(f"/servers/{ref}")["server"]
        return found
    named = f"^{re.escape(ref)}$"
    same = client.get("/servers/detail", all_tenants=1, name=named, limit=_PAGE)["servers"]
    if len(same) == 1:
        one: Mapping[str, Any] = same[0]
        return one
    known = same or client.get("/servers", all_tenants=1, limit=_PAGE)["servers"]
    return one_of("server", ref, known, "openstack server list --all-projects")
