"""How clients reach the cloud: clouds.yaml, an openrc, and `minicloud env`."""

import argparse
import shlex
import sys

from minicloud.cmd.state import State
from minicloud.runtime.passwords import write_private

PROJECTS = {"admin": "admin", "demo": "demo"}
REGION = "RegionOne"

_CLOUDS = """\
# Written by `minicloud up`. Try: openstack --os-cloud minicloud server list
clouds:
  minicloud:
{admin}  minicloud-demo:
{demo}"""
_CLOUD = """\
    auth:
      auth_url: "{url}/identity/v3"
      username: "{user}"
      password: '{password}'
      project_name: "{project}"
      user_domain_id: default
      project_domain_id: default
    identity_api_version: 3
    region_name: "{region}"
"""


def write(state: State, url: str, password: str) -> None:
    """Write both files; they hold the password, so only their owner may read them."""
    entries = {user: _entry(url, user, password) for user in PROJECTS}
    write_private(state.clouds, _CLOUDS.format(**entries))
    write_private(state.openrc, exports(url, "admin", password))


def exports(url: str, user: str, password: str) -> str:
    """Lines for `eval`, quoted for the shell."""
    variables = {
        "OS_AUTH_URL": f"{url}/identity/v3",
        "OS_USERNAME": user,
        "OS_PASSWORD": password,
        "OS_PROJECT_NAME": PROJECTS[user],
        "OS_USER_DOMAIN_ID": "default",
        "OS_PROJECT_DOMAIN_ID": "default",
        "OS_IDENTITY_API_VERSION": "3",
        "OS_REGION_NAME": REGION,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def env(options: argparse.Namespace) -> int:
    """`minicloud env [--user demo]`"""
    state = State(options.state_dir)
    run = state.run()
    if run is None or "api" not in run.urls:
        print(f"no cloud runs in {state.root}: start one with `minicloud up`", file=sys.stderr)
        return 3
    password = state.password.read_text().rstrip("\n")
    print(exports(run.urls["api"], options.user, password), end="")
    return 0


def _entry(url: str, user: str, password: str) -> str:
    return _CLOUD.format(
        url=url,
        user=user,
        project=PROJECTS[user],
        password=password.replace("'", "''"),
        region=REGION,
    )
