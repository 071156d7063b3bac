"""The real client and what projects may have: flavors, quotas, limits, usage."""

from collections.abc import Iterator

import pytest

from tests.functional.client_shell import Shell, environment
from tests.functional.clouds import Cloud


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("projects") / "state")
    made.up()
    yield made
    made.down()


@pytest.fixture(scope="module")
def demo(cloud: Cloud) -> Iterator[Shell]:
    made = Shell(environment(cloud, "demo"))
    yield made
    made.close()


def test_a_flavor_is_made_changed_and_deleted(shell: Shell) -> None:
    size = "--ram 8192 --disk 80 --ephemeral 5 --swap 64 --vcpus 4 --id 6"
    made = shell.json(f"flavor create {size} --property ssd=true --description fast ssd.large")
    assert (made["id"], made["ram"], made["swap"], made["properties"]) == (
        "6",
        8192,
        64,
        {"ssd": "true"},
    )
    assert made["description"] == "fast"
    taken = shell.run("flavor create --ram 1 --disk 1 --vcpus 1 ssd.large")
    assert (taken.code, "409" in taken.err) == (1, True), taken

    shell.ok("flavor set --property hw:cpu_policy=shared --description faster ssd.large")
    shell.ok("flavor unset --property ssd ssd.large")
    shown = shell.json("flavor show ssd.large")
    assert (shown["description"], shown["properties"]) == ("faster", {"hw:cpu_policy": "shared"})
    long = {flavor["Name"]: flavor for flavor in shell.json("flavor list --long")}
    assert long["ssd.large"]["Properties"] == {"hw:cpu_policy": "shared"}

    shell.ok("flavor delete ssd.large")
    assert shell.run("flavor show ssd.large").code == 1


def test_a_private_flavor_is_shared_with_a_project(shell: Shell, demo: Shell) -> None:
    size = "--ram 128 --disk 1 --vcpus 1"
    made = shell.json(f"flavor create --private --project demo {size} secret")
    assert made["os-flavor-access:is_public"] is False
    assert [f["Name"] for f in shell.json("flavor list --private")] == ["secret"]
    assert "secret" in [flavor["Name"] for flavor in shell.json("flavor list --all")]
    assert "secret" not in [flavor["Name"] for flavor in shell.json("flavor list")]
    assert "secret" in [flavor["Name"] for flavor in demo.json("flavor list")]
    assert len(shell.json("flavor show secret")["access_project_ids"]) == 1

    shell.ok("flavor unset --project demo secret")
    assert demo.run("flavor show secret").code == 1
    shell.ok("flavor set --project demo secret")
    assert demo.run("flavor show secret").code == 0
    shell.ok("flavor delete secret")


def _limits(shell: Shell, command: str) -> dict[str, int]:
    return {limit["Resource"]: limit["Limit"] for limit in shell.json(command)}


def test_a_quota_is_set_shown_listed_and_deleted(shell: Shell, demo: Shell) -> None:
    shell.ok("quota set --cores 21 --instances 1 --key-pairs 7 --properties 9 demo")

    shown = _limits(demo, "quota show")
    assert (shown["cores"], shown["instances"], shown["key-pairs"]) == (21, 1, 7)
    assert _limits(shell, "quota show --default")["cores"] == 20
    assert [quota["Cores"] for quota in shell.json("quota list --compute")] == [21]
    limits = {limit["Name"]: limit["Value"] for limit in demo.json("limits show --absolute")}
    assert (limits["total_cores"], limits["instances"], limits["server_meta"]) == (21, 1, 9)
    assert demo.run("quota set --cores 99 demo").code == 1

    shell.ok("quota delete --compute demo")
    assert _limits(shell, "quota show demo")["cores"] == 20
    assert shell.json("quota list --compute") == []


def test_what_runs_counts_against_the_quota_and_is_told_as_usage(
    shell: Shell, demo: Shell
) -> None:
    shell.ok("quota set --instances 1 demo")
    create = "server create --wait --image cirros --flavor m1.nano"
    demo.ok(f"{create} one")
    second = demo.run(f"{create} two")
    assert second.code == 1
    assert "Quota exceeded for instances: Requested 1, but already used 1 of 1" in second.err
    less = shell.run("quota set --no-force --instances 0 demo")
    assert "must be greater than or equal to already used and reserved 1" in less.err
    used = {use["Resource"]: use["In Use"] for use in shell.json("quota show --usage demo")}
    assert (used["instances"], used["cores"], used["ram"]) == (1, 1, 128)

    demo.ok("server delete --wait one")

    (listed,) = shell.json("usage list")
    shown = demo.json("usage show")
    assert listed["Project"] == shown["Project"]
    for use in (listed, shown):
        assert [(run["name"], run["state"]) for run in use["Servers"]] == [("one", "terminated")]
    shell.ok("quota delete --compute demo")


def _absolute(shell: Shell, words: str = "") -> dict[str, int]:
    shown = shell.json(f"limits show --absolute {words}")
    return {limit["Name"]: limit["Value"] for limit in shown}


def test_limits_are_shown_of_the_own_project_and_of_another(shell: Shell, demo: Shell) -> None:
    shell.ok("quota set --instances 4 --server-groups 3 --server-group-members 2 demo")

    own, with_reserved = _absolute(demo), _absolute(demo, "--reserved")
    others = _absolute(shell, "--project demo")

    assert own == with_reserved == others
    assert (own["instances"], own["server_groups"], own["server_group_members"]) == (4, 3, 2)
    assert _absolute(shell)["instances"] == 10
    assert demo.run("limits show --absolute --project admin").code == 1
    assert shell.json("limits show --rate") == []
    shell.ok("quota delete demo")


def test_what_everybody_has_is_set_and_a_class_too(shell: Shell, demo: Shell) -> None:
    newest = ("--os-compute-api-version", "2.104")
    shell.ok("quota set --default --instances 12 --cores 24")
    shell.ok("quota set --class --instances 500 gold", *newest)

    everybodys = _limits(demo, "quota show")
    assert (everybodys["instances"], everybodys["cores"], everybodys["ram"]) == (12, 24, 51200)
    assert _limits(demo, "quota show --default")["instances"] == 12
    shell.ok("quota set --default --instances 10 --cores 20")
    assert _limits(demo, "quota show")["instances"] == 10


def test_a_limit_below_what_is_used_wants_force(shell: Shell, demo: Shell) -> None:
    demo.ok("server group create --policy affinity together")

    refused = shell.run("quota set --no-force --server-groups 0 demo")
    shell.ok("quota set --force --server-groups 0 demo")

    assert "must be greater than or equal to already used and reserved 1" in refused.err
    full = demo.run("server group create --policy affinity more")
    assert "Quota exceeded, too many server groups." in full.err
    shell.ok("quota set --server-groups -1 demo")
    demo.ok("server group create --policy affinity more")
    demo.ok("server group delete together more")
    shell.ok("quota delete --compute demo")
