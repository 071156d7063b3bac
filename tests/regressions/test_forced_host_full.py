"""A server forced on a host without room for it was asked for again until its deadline, five
minutes later, and then told that no scheduler had answered."""

from tests.simulation.calm import calm_cloud


def test_a_server_forced_on_a_full_host_is_refused_at_once() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.create("huge", force_host="h1")

        cloud.run_s(5.0)

        view = cloud.show(uuid)
        assert view.row.vm_state == "error"
        assert view.fault is not None
        assert view.fault.machine_code == "NO_VALID_HOST"
        assert "refused by: force_hosts 2, claim 1" in view.fault.message
