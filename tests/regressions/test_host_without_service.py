"""A host became known before it was a member of the service group: when the conductor died in
between, and the agent as well, nobody ever saw that the host was down."""

from minicloud.db import hosts
from tests.simulation.calm import calm_cloud
from tests.simulation.world import AGENTS


def test_a_host_that_dies_at_its_first_report_is_seen_to_be_down() -> None:
    with calm_cloud(age_s=1.0, crash_at="conductor.inventory:after") as cloud:
        for name in AGENTS:
            cloud.world.kill(name)
        known = cloud.world.books.read(hosts.all_nodes)
        for name in cloud.world.dead():
            if name not in AGENTS:
                cloud.world.start(name)

        uuid = cloud.create("small", force_host=known[0].host)
        cloud.run_s(240.0)  # all hosts are silent at once: then it is waited for longer

        view = cloud.show(uuid)
        assert (view.row.vm_state, view.row.task_state) == ("error", None)
        assert view.fault is not None
        assert "went down in the middle of spawning" in view.fault.message
