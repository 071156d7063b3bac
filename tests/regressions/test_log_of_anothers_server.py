"""The log of a server was shown by a rule that was asked about its reader, not about the server.

Where policy.yaml gave servers to their users alone, the whole project could read their logs.
"""

from pathlib import Path

import pytest

from tests.functional.isolation.world import World

_BY_USER = "role:member and user_id:%(user_id)s"


@pytest.mark.parametrize("version", [1, 104])
def test_a_log_is_its_servers(tmp_path: Path, version: int) -> None:
    rules = [f"os_compute_api:os-instance-actions:{name}" for name in ("list", "show")]
    world = World(tmp_path, dict.fromkeys(rules, _BY_USER))
    names = world.sides["north"].names
    path = f"/servers/{names['server']}/os-instance-actions"

    for below in ("", f"/{names['request']}"):
        own = world.ask("member", "GET", path + below, version=version)
        mates = world.ask("second member", "GET", path + below, version=version)

        assert (own.status_int, mates.status_int) == (200, 403)
    world.close()
