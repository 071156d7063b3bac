"""Without CoreFilter hosts with all processors taken were chosen again and again, until a server's
deadline: the claim refuses them, and nothing had told so."""

import pytest

from tests.simulation import world
from tests.simulation.calm import CalmCloud, calm_cloud

_FILTERS = ["RetryFilter", "ComputeFilter", "RamFilter", "DiskFilter"]


@pytest.fixture(autouse=True)
def few_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    conf_of = world.conf_of

    def changed(name):  # type: ignore[no-untyped-def]
        conf = conf_of(name)
        conf.set_override("enabled_filters", _FILTERS, "filter_scheduler")
        return conf

    monkeypatch.setattr(world, "conf_of", changed)


def _fill(cloud: CalmCloud, count: int) -> None:
    """Each of the three hosts takes four: then no processor is left, and much memory is."""
    for _ in range(count):
        cloud.create("small")
    cloud.run_s(10.0)


def test_what_no_filter_minds_and_no_claim_takes_is_refused_at_once() -> None:
    with calm_cloud() as cloud:
        _fill(cloud, 12)
        uuid = cloud.create("small")

        cloud.run_s(5.0)

        view = cloud.show(uuid)
        assert view.row.vm_state == "error"
        assert view.fault is not None
        assert "Of 3 hosts, refused by: claim 3." in view.fault.message


def test_who_waits_for_room_gets_it() -> None:
    with calm_cloud() as cloud:
        _fill(cloud, 11)
        last = cloud.boot("small")
        waits = cloud.create("small", hints={"pending_timeout": 300})
        cloud.run_s(5.0)
        assert cloud.row(waits).task_state == "pending"

        cloud.act(last, "delete")
        cloud.run_s(10.0)

        assert cloud.row(waits).vm_state == "active"
