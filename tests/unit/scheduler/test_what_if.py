"""What would become of a server, as it is told."""

from random import Random
from uuid import uuid4

import pytest

from minicloud.rpc.scheduler import Question
from minicloud.scheduler import what_if
from minicloud.scheduler.select import Rules
from tests.unit.scheduler.hosts import table

_FLAVOR = {"vcpus": 1, "memory_mb": 512, "root_gb": 1, "ephemeral_gb": 0, "swap_mb": 0}


@pytest.mark.parametrize(
    ("leaves", "named"), [(None, ["h1", "h2"]), ("h2", ["h1", "h2"]), ("h4", ["h1", "h4"])]
)
def test_of_many_equally_good_hosts_the_servers_own_is_named_and_the_rest_counted(
    leaves: str | None, named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "_MOST_BEST", 2)
    properties = {"uuid": str(uuid4()), "project_id": "p", "user_id": "u", "reservation_id": "r-1"}
    spec = {"instance_type": _FLAVOR, "instance_properties": properties, "num_instances": 1}

    told = what_if.prospect(
        table(*[{}] * 5), Question(spec, {}, leaves=leaves), Rules((), ()), Random(1)
    )

    assert told.best == named
    assert told.more_best == 3
