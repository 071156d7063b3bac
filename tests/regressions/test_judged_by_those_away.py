"""Conductors that were away failed what healthy hosts were doing, before these could report."""

from tests.simulation.calm import calm_cloud
from tests.simulation.world import AGENTS


def _control(names: list[str]) -> list[str]:
    return [name for name in names if name not in AGENTS and name != "api"]


def test_after_an_outage_of_all_conductors_no_healthy_host_is_judged() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.create()
        cloud.run_s(5.0)
        away = _control(cloud.world.names)
        for name in away:
            cloud.world.kill(name)
        server = cloud.zone.servers.find(cloud.alice, uuid)
        cloud.zone.acts.act(cloud.alice, server, "reboot")

        cloud.run_s(400.0)
        for name in away:
            cloud.world.start(name)
        cloud.run_s(30.0)

        row = cloud.show(uuid).row
        assert (row.vm_state, row.task_state) == ("active", None)


def test_a_boot_that_no_conductor_saw_in_time_is_still_tried() -> None:
    with calm_cloud() as cloud:
        away = _control(cloud.world.names)
        for name in away:
            cloud.world.kill(name)
        uuid = cloud.create()

        cloud.run_s(400.0)
        for name in away:
            cloud.world.start(name)
        cloud.run_s(30.0)

        assert cloud.show(uuid).row.vm_state == "active"
