"""What the policies of server groups say of hosts."""

import pytest
from oslo_config import cfg

from minicloud.scheduler.filters.affinity import (
    ServerGroupAffinityFilter,
    ServerGroupAntiAffinityFilter,
)
from minicloud.scheduler.weighers.affinity import (
    ServerGroupSoftAffinityWeigher,
    ServerGroupSoftAntiAffinityWeigher,
)
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table

HOSTS = table({}, {}, {})
ALL, NONE = [True, True, True], [0, 0, 0]


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    return defaults()


@pytest.mark.parametrize(
    ("policy", "hosts", "mask"),
    [
        ("affinity", [], ALL),
        ("affinity", ["h2"], [False, True, False]),
        ("affinity", ["h2", "h2", "h3"], [False, True, True]),
        ("affinity", ["elsewhere"], [False, False, False]),
        ("anti-affinity", ["h2"], ALL),
        ("soft-affinity", ["h2"], ALL),
        (None, ["h2"], ALL),
    ],
)
def test_affinity_passes_the_hosts_of_the_others(
    conf: cfg.ConfigOpts, policy: str | None, hosts: list[str], mask: list[bool]
) -> None:
    wanted = request(group_policies=[policy] if policy else [], group_hosts=hosts)

    assert ServerGroupAffinityFilter(conf).passes(HOSTS, wanted).tolist() == mask


@pytest.mark.parametrize(
    ("policy", "hosts", "rules", "mask"),
    [
        ("anti-affinity", [], {}, ALL),
        ("anti-affinity", ["h2"], {}, [True, False, True]),
        ("anti-affinity", ["h2", "h3", "h3"], {"max_server_per_host": 2}, [True, True, False]),
        ("anti-affinity", ["elsewhere"], {}, ALL),
        ("affinity", ["h2"], {}, ALL),
        ("soft-anti-affinity", ["h2"], {}, ALL),
    ],
)
def test_anti_affinity_passes_hosts_with_less_members_than_one_may_have(
    conf: cfg.ConfigOpts, policy: str, hosts: list[str], rules: dict[str, int], mask: list[bool]
) -> None:
    wanted = request(group_policies=[policy], group_hosts=hosts, group_rules=rules)

    assert ServerGroupAntiAffinityFilter(conf).passes(HOSTS, wanted).tolist() == mask


@pytest.mark.parametrize(
    ("policy", "together", "apart"),
    [
        ("soft-affinity", [0, 1, 2], NONE),
        ("soft-anti-affinity", NONE, [0, -1, -2]),
        ("affinity", NONE, NONE),
        ("anti-affinity", NONE, NONE),
    ],
)
def test_soft_policies_weigh_by_the_members_on_a_host(
    conf: cfg.ConfigOpts, policy: str, together: list[int], apart: list[int]
) -> None:
    wanted = request(group_policies=[policy], group_hosts=["h2", "h3", "h3"])

    assert ServerGroupSoftAffinityWeigher(conf).weigh(HOSTS, wanted).tolist() == together
    assert ServerGroupSoftAntiAffinityWeigher(conf).weigh(HOSTS, wanted).tolist() == apart
