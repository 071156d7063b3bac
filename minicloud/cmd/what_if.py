"""`minicloud whatif`: where a server would go, and how many more of it fit; none is made."""

import argparse
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from minicloud.cmd.client import Client, Trouble, is_uuid, one_of, spoken
from minicloud.cmd.state import State

REFUSED: Final = 4  # the exit code where it would not fit


def what_if(options: argparse.Namespace) -> int:
    try:
        return _told(options, Client.of(State(options.state_dir)))
    except Trouble as trouble:
        return spoken(trouble, options)


def _told(options: argparse.Namespace, client: Client) -> int:
    flavors = client.all("/flavors/detail", "flavors", is_public="None", limit=1000)
    flavor = one_of("flavor", options.flavor, flavors, "openstack flavor list --all")
    image = _image(options.image, client)
    project = options.project and _project(options.project, client)
    server = {
        "name": "whatif",
        "flavorRef": flavor["id"],
        "imageRef": image["id"],
        "networks": "auto",
        "min_count": options.count,
        **({"availability_zone": options.az} if options.az else {}),
    }
    body = {"server": server, "os:scheduler_hints": hints(options.hint, client)}
    told = _asked(client, body, project_id=project, limit=options.limit)
    if options.format == "json":
        print(json.dumps(told, indent=1))
    else:
        from rich.console import Console

        from minicloud.cmd import explained

        console = Console(highlight=False)
        console.print(explained.what_if(told, flavor["name"], image["name"], console))
    return REFUSED if told["refused"] else 0


def _asked(client: Client, body: Mapping[str, Any], **query: object) -> Any:
    try:
        return client.post("/scheduling/what-if", body, **query)["what_if"]
    except Trouble as trouble:
        group = body["os:scheduler_hints"].get("group")
        if isinstance(group, str) and not is_uuid(group) and " group" in str(trouble):
            _group_named(group, _groups(client))  # tells which there are
        raise


def hints(words: Iterable[str], client: Client) -> dict[str, Any]:
    """The values of --hint name=value; of a name that is repeated, a list."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise Trouble(f"--hint {word}: expected name=value", 2)
        if name == "group":
            value = _group(value, client)
        if name in found:
            before = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [*before, value]
        else:
            found[name] = value
    return found


def _group(ref: str, client: Client) -> str:
    """The uuid of a server group that may be given by its name.

    A name that no server group has is good where GroupAffinityFilter or its opposite is enabled.
    """
    if is_uuid(ref):
        return ref
    groups = _groups(client)
    return _group_named(ref, groups) if any(one["name"] == ref for one in groups) else ref


def _groups(client: Client) -> list[Mapping[str, Any]]:
    return list(client.get("/os-server-groups", all_projects="true")["server_groups"])


def _group_named(ref: str, groups: Iterable[Mapping[str, Any]]) -> str:
    listed = "openstack server group list --all-projects"
    return str(one_of("server group", ref, groups, listed)["id"])


def _image(ref: str | None, client: Client) -> Mapping[str, Any]:
    images = client.images()
    if ref is None:
        installed = [one for one in images if one.get("image_type") != "snapshot"]
        if len(installed) == 1:
            return installed[0]
        names = ", ".join(sorted(str(one["name"]) for one in images)[:5])
        raise Trouble(f"say which image by --image: there is {names or 'none'}", 2)
    return one_of("image", ref, images, "openstack image list")


def _project(ref: str, client: Client) -> str:
    return str(one_of("project", ref, client.projects(), "openstack project list")["id"])
