"""What would become of a server, as it is told."""

from random import Random
from uuid import uuid4

import pytest

from minicloud.rpc.scheduler import Question
from minicloud.scheduler import what_if
from minicloud.scheduler.select import Rules
from tests.unit.scheduler.hosts import table

_FLAVOR = {"vcpus": 1, "memory_mb": 512, "root_gb": 1, "ephemeral_gb": 0, "swap_mb": 0}


def _question(leaves: str | None = None, count: int = 1) -> Question:
    whose = {"uuid": str(uuid4()), "project_id": "p", "user_id": "u", "reservation_id": "r-1"}
    spec = {"instance_type": _FLAVOR, "instance_properties": whose, "num_instances": count}
    return Question(spec, {}, count, leaves=leaves)


@pytest.mark.parametrize(
    ("leaves", "named"), [(None, ["h1", "h2"]), ("h2", ["h1", "h2"]), ("h4", ["h1", "h4"])]
)
def test_of_many_equally_good_hosts_the_servers_own_is_named_and_the_rest_counted(
    leaves: str | None, named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "_MOST_BEST", 2)

    told = what_if.prospect(table(*[{}] * 5), _question(leaves), Rules((), ()), Random(1))

    assert told.best == named
    assert told.more_best == 3


def test_a_host_that_was_drawn_by_chance_and_is_full_is_not_called_forced() -> None:
    rules = Rules((), (), by_chance=True)

    told = what_if.prospect(
        table(*[{"memory_mb_limit": 512}] * 3), _question(count=9), rules, Random(1)
    )

    assert told.refused is not None
    assert told.refused.counts == {"not tried": 2, "claim": 1}
    assert told.explanation.accepted == 3
