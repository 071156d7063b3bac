"""Resizes and restores that were under way did not count: together they passed any quota."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from minicloud.errors import QuotaExceeded
from tests.simulation.calm import calm_cloud
from tests.simulation.world import conf_of


@contextmanager
def _cores(limit: int) -> Iterator[None]:
    conf = conf_of("control")
    conf.set_override("cores", limit, "quota")
    try:
        yield
    finally:
        conf.set_override("cores", -1, "quota")


def test_a_resize_that_is_under_way_counts_as_what_it_leads_to() -> None:
    with calm_cloud() as cloud:
        first, second = cloud.boot(), cloud.boot()
        with _cores(3):
            cloud.act(first, "resize", flavor="half")

            with pytest.raises(QuotaExceeded):
                cloud.act(second, "resize", flavor="half")


def test_a_revert_that_is_under_way_counts_as_what_it_leads_to() -> None:
    with calm_cloud() as cloud:
        first, second = cloud.boot("half"), cloud.boot()
        cloud.act(first, "resize", flavor="small")
        cloud.run_s(15.0)
        with _cores(3):
            cloud.act(first, "revert_resize")

            with pytest.raises(QuotaExceeded):
                cloud.act(second, "resize", flavor="half")


def test_a_restore_that_is_under_way_counts() -> None:
    with calm_cloud(reclaim_s=1000) as cloud:
        both = [cloud.boot(), cloud.boot()]
        for uuid in both:
            cloud.zone.acts.delete(cloud.alice, cloud.row(uuid))
        cloud.run_s(10.0)
        with _cores(1):
            cloud.act(both[0], "restore")

            with pytest.raises(QuotaExceeded):
                cloud.act(both[1], "restore")


def test_a_resize_that_may_still_fail_counts_as_what_it_came_from() -> None:
    with calm_cloud() as cloud:
        shrinking = cloud.boot("half")
        cloud.act(shrinking, "resize", flavor="small")
        while cloud.row(shrinking).task_state != "resize_finish":
            cloud.run_s(0.1)
        with _cores(2), pytest.raises(QuotaExceeded):
            cloud.create()
        cloud.run_s(15.0)

        with _cores(2):
            cloud.create()


def test_a_shrinking_that_has_just_begun_counts_as_what_it_came_from() -> None:
    with calm_cloud() as cloud:
        shrinking = cloud.boot("half")
        cloud.act(shrinking, "resize", flavor="small")

        with _cores(2), pytest.raises(QuotaExceeded):
            cloud.create()


def test_a_resize_that_was_given_up_before_counts_no_more() -> None:
    with calm_cloud() as cloud:
        again = cloud.boot()
        cloud.act(again, "resize", flavor="half")
        cloud.run_s(15.0)
        cloud.act(again, "revert_resize")
        cloud.run_s(15.0)
        cloud.act(again, "resize", flavor="half")

        with _cores(3):
            cloud.create()
