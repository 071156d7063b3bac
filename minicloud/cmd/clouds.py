"""How clients reach the cloud: clouds.yaml, an openrc, and `minicloud env`."""

import argparse
import shlex
import sys
from dataclasses import dataclass

from minicloud.cmd.state import State
from minicloud.runtime.passwords import write_private
from minicloud.runtime.runfile import Run

PROJECTS = {
    "admin": "admin",
    "demo": "demo",
    "demo_manager": "demo",
    "demo_reader": "demo",
    "alt_demo": "alt_demo",
    "neutron": "service",
}
REGION = "RegionOne"

_HEAD = """\
# Written by `minicloud up`. Try: openstack --os-cloud minicloud server list
clouds:
"""
_CLOUD = """\
  {name}:
    auth:
      auth_url: {url}
{user}\
    identity_api_version: 3
    region_name: {region}
"""
_USER = """\
      username: {user}
      password: {password}
      project_name: {project}
      user_domain_id: default
      project_domain_id: default
"""
_THEIRS = "# Who asks is that Keystone's matter: OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME, ...\n"


@dataclass(frozen=True)
class Way:
    """How clients log in; without a password their users are known to a Keystone alone."""

    auth_url: str
    password: str | None
    region: str = REGION

    @classmethod
    def of(cls, run: Run, password: str) -> "Way":
        url = run.identity.get("url") or f"{run.urls['api']}/identity/v3"
        theirs = run.identity.get("users") == "theirs"
        return cls(url, None if theirs else password, run.identity.get("region", REGION))


def write(state: State, way: Way) -> None:
    """Write both files; they may hold the password, so only their owner may read them."""
    names = {"minicloud": "admin", "minicloud-demo": "demo"}
    if way.password is None:
        names = {"minicloud": ""}
    entries = [_entry(name, user, way) for name, user in names.items()]
    write_private(state.clouds, _HEAD + "".join(entries))
    write_private(state.openrc, exports(way, "admin"))


def exports(way: Way, user: str) -> str:
    """Lines for `eval`, quoted for the shell."""
    variables = {
        "OS_AUTH_URL": way.auth_url,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_REGION_NAME": way.region,
    }
    if way.password is not None:
        variables |= {
            "OS_USERNAME": user,
            "OS_PASSWORD": way.password,
            "OS_PROJECT_NAME": PROJECTS[user],
            "OS_USER_DOMAIN_ID": "default",
            "OS_PROJECT_DOMAIN_ID": "default",
        }
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    return "".join([*lines, *([_THEIRS] if way.password is None else [])])


def env(options: argparse.Namespace) -> int:
    """`minicloud env [--user demo]`"""
    state = State(options.state_dir)
    run = state.run()
    if run is None or "api" not in run.urls:
        print(f"no cloud runs in {state.root}: start one with `minicloud up`", file=sys.stderr)
        return 3
    way = Way.of(run, state.password.read_text().rstrip("\n"))
    print(exports(way, options.user), end="")
    return 0


def _entry(name: str, user: str, way: Way) -> str:
    who = ""
    if way.password is not None:
        who = _USER.format(
            user=_quoted(user), project=_quoted(PROJECTS[user]), password=_quoted(way.password)
        )
    return _CLOUD.format(
        name=name, url=_quoted(way.auth_url), user=who, region=_quoted(way.region)
    )


def _quoted(text: str) -> str:
    """As YAML reads it back, whatever it is."""
    return "'" + text.replace("'", "''") + "'"
