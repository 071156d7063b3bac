"""What `minicloud whatif` and `minicloud explain` tell of a cloud that runs.

A module that has fixtures `cloud` and `shell` takes the tests of this one over by importing `*`.
"""

import json
from collections.abc import Iterator

import pytest

from tests.functional.client_shell import Shell
from tests.functional.clouds import Cloud

__all__ = [
    "refused",
    "test_a_dry_run_tells_where_a_server_would_go_and_makes_none",
    "test_a_refused_server_is_explained_and_so_is_one_that_was_placed",
    "test_what_is_not_there_is_answered_with_what_is",
]


@pytest.fixture
def refused(shell: Shell) -> Iterator[str]:
    """The name of a server that fits nowhere, and of its flavor."""
    shell.ok("flavor create --ram 900000 --disk 1 --vcpus 1 whale")
    quota = "--ram 2000000 admin"
    shell.ok(f"quota set {quota}")
    assert shell.run("server create --wait --image cirros --flavor whale whale").code == 1
    yield "whale"
    shell.ok("server delete --wait whale")
    shell.ok("flavor delete whale")
    shell.ok("quota delete --compute admin")


def test_a_dry_run_tells_where_a_server_would_go_and_makes_none(
    cloud: Cloud, shell: Shell
) -> None:
    before = shell.json("server list --all-projects")

    words = ("whatif", "--flavor", "m1.tiny", "--image", "cirros", "--project", "demo")
    told = json.loads(cloud.call(*words, "--format", "json"))
    table = cloud.call(*words, "--count", "2")

    assert told["refused"] is None
    assert set(told["hosts"]) <= set(told["equally_good"])
    assert told["explanation"]["hosts"] == 3
    assert told["fits"]["exact"]
    assert told["fits"]["by_room"] == sum(one["count"] for one in told["fits"]["hosts"])
    assert "2 m1.tiny would go to node" in table
    assert f"{told['fits']['by_room']} more of m1.tiny fit: " in table
    assert "the project's quota lets 10 be made" in table
    assert shell.json("server list --all-projects") == before


def test_a_refused_server_is_explained_and_so_is_one_that_was_placed(
    cloud: Cloud, shell: Shell, refused: str
) -> None:
    shell.ok("server create --wait --image cirros --flavor m1.nano placed")

    why, where = cloud.call("explain", refused), cloud.call("explain", "placed")
    again = cloud.call("whatif", "--flavor", refused, wants=4)
    stored = json.loads(cloud.call("explain", refused, "--format", "json"))["last"]

    assert "whale is ERROR" in why
    assert "RamFilter 900000 MB" in " ".join(why.split())
    assert "refused now as well: RamFilter 3" in why
    assert "refused: RamFilter 3" in again
    assert stored["reasons"] == [{"reason": "RamFilter", "hosts": 3}]
    host = shell.json("server show placed")["OS-EXT-SRV-ATTR:host"]
    assert f"it is on {host}, and would go" in where
    shell.ok("server delete --wait placed")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("whatif --flavor m1.smal", "no flavor m1.smal (there is m1.small"),
        ("whatif --flavor m1.tiny --image cirro", "no image cirro (there is cirros"),
        ("whatif --flavor m1.tiny --project dem", "no project dem (there is demo"),
        ("whatif --flavor m1.tiny --hint group=none", "no server group none"),
        ("whatif --flavor m1.tiny --az mars", "availability zone is not available (HTTP 400)"),
        ("whatif --flavor m1.tiny --count 0", "0 is not a whole number above 0"),
        ("whatif --flavor m1.tiny --hint group", "expected name=value"),
        ("explain nobody", "there is no server nobody"),
        ("explain 00000000-0000-4000-8000-000000000000", "could not be found. (HTTP 404)"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(cloud: Cloud, words: str, said: str) -> None:
    told = " ".join(cloud.call(*words.split(), wants=None).split())

    assert said in told
    assert "Traceback" not in told
