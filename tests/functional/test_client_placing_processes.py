"""The real client says on what hosts its servers go, in a cloud of many processes."""

from collections.abc import Iterator

import pytest

from tests.functional.clouds import Cloud
from tests.functional.placing import Placing, check, settings
from tests.functional.placing_cases import CASES, WEIGHTS, weighed

pytest.register_assert_rewrite("tests.functional.client_walk_placing")
from tests.functional.client_walk_placing import *  # noqa: E402, F403

_SOME = (
    "query",
    "one host",
    "same_host, different_host",
    "group: anti-affinity",
    "flavor: capabilities, a number",
    "aggregate: availability_zone",
    "aggregate: filter_tenant_id",
    "aggregate: max_instances_per_host",
    "aggregate: ram_allocation_ratio",
    "aggregate: properties of images",
    "image: architecture",
    "image: min_ram",
)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("placing") / "state")
    words = ("--processes", "--computes", "2", "--hosts", "2")
    made.up(*words, *settings("GroupAffinityFilter"))
    yield made
    made.down()


@pytest.mark.parametrize("name", _SOME)
def test_servers_go_where_it_is_said(placing: Placing, name: str) -> None:
    case = CASES[name]
    placing.given(*case.given)

    for wishes, wanted in case.boots:
        check(placing, wishes, wanted)


@pytest.mark.parametrize("name", ["memory", "affinity", "metrics"])
def test_aggregates_say_what_counts_on_their_hosts(placing: Placing, name: str) -> None:
    given, multiplier, wishes, best = WEIGHTS[name]
    placing.given(*given, *weighed(multiplier))

    check(placing, wishes, best, by="weight")


def test_a_group_that_is_only_a_name_stays_together(placing: Placing) -> None:
    check(placing, "--availability-zone :node3 --hint group=web", "node3")
    check(placing, "--hint group=web", "node3")
    check(placing, "--hint group=db", "node1 node2 node4", by="weight")
