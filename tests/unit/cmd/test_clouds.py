import subprocess
from pathlib import Path

import pytest
from openstack.config import OpenStackConfig

from minicloud.cmd import clouds, minicloud
from minicloud.cmd.state import State
from minicloud.identity.bootstrap import USERS

NASTY = """it's "a" $HOME `id` \\ pass"""


def test_a_shell_that_evaluates_the_lines_has_the_password_as_it_is() -> None:
    lines = clouds.exports(clouds.Way("http://127.0.0.1:8774/identity/v3", NASTY), "demo")

    script = 'eval "$1"; printf "%s\\n" "$OS_AUTH_URL" "$OS_USERNAME" "$OS_PASSWORD"'
    done = subprocess.run(
        ["bash", "-c", script, "bash", lines], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == ["http://127.0.0.1:8774/identity/v3", "demo", NASTY]


def test_clouds_yaml_has_the_administrator_and_demo(tmp_path: Path) -> None:
    state = State(tmp_path)

    clouds.write(state, clouds.Way("http://127.0.0.1:8774/identity/v3", NASTY))

    found = OpenStackConfig(config_files=[str(state.clouds)], vendor_files=[], secure_files=[])
    admin, demo = found.get_one("minicloud"), found.get_one("minicloud-demo")
    assert admin.get_auth_args()["username"] == "admin"
    assert admin.get_auth_args()["password"] == NASTY
    assert demo.get_auth_args()["project_name"] == "demo"


def test_there_are_lines_for_everybody_whom_a_new_cloud_has() -> None:
    way = clouds.Way("http://127.0.0.1:8774/identity/v3", "secret")

    for user in minicloud.PEOPLE:
        (project,) = (name for name in USERS[user] if name == clouds.PROJECTS[user])
        assert f"export OS_PROJECT_NAME={project}\n" in clouds.exports(way, user)
    assert set(clouds.PROJECTS) == set(minicloud.PEOPLE) == set(USERS) - {"nova"}


@pytest.mark.parametrize("name", ["clouds.yaml", "openrc"])
def test_nobody_else_can_read_the_files(tmp_path: Path, name: str) -> None:
    clouds.write(State(tmp_path), clouds.Way("http://127.0.0.1:8774/identity/v3", "swordfish"))

    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_the_users_of_another_keystone_are_left_to_whoever_asks(tmp_path: Path) -> None:
    state, way = State(tmp_path), clouds.Way("https://keystone/v3", None, 'the "best" region')

    clouds.write(state, way)

    lines = clouds.exports(way, "admin")
    assert "export OS_AUTH_URL=https://keystone/v3" in lines
    assert "export OS_USERNAME" not in lines
    found = OpenStackConfig(config_files=[str(state.clouds)], vendor_files=[], secure_files=[])
    assert found.get_one("minicloud").region_name == 'the "best" region'
