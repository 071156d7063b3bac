"""Asking for a token of another project cost more than of one that is not there, and wrote rows.

A token was written for any project that exists, and taken back where the user has no role: how
long a refusal took told whether there is a project of that name.
"""

from pathlib import Path

import pytest

from tests.functional.isolation.world import World
from tests.statements import statements


def _asked(world: World, project: str) -> int:
    member = world.personas["member"]
    scope = {"project": {"name": project, "domain": {"id": "default"}}}
    proof = {"methods": ["token"], "token": {"id": member.token}}
    login = {"auth": {"identity": proof, "scope": scope}}
    return int(world.ask(member, "POST", "/v3/auth/tokens", login, 1, "/identity").status_int)


@pytest.mark.parametrize("name", ["project south", "project nowhere"])
def test_a_token_is_not_made_where_the_user_has_no_role(tmp_path: Path, name: str) -> None:
    world = World(tmp_path)
    assert _asked(world, "project north") == 201  # the first forgets old tokens besides
    world.restore()

    with statements(world.database) as said:
        status = _asked(world, name)
    changed = world.has_changed()
    world.close()

    assert status == 401
    assert not [one for one in said if not one.startswith("SELECT")]
    assert not changed
