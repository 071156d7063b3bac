"""The boot, and what can be done to a server, over direct calls and over oslo.messaging."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from oslo_config import cfg

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db.models import ComputeNode
from minicloud.instance_states import Power, Task
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.line import Line
from tests.functional.boot_cloud import HOSTS, BootCloud, boot_cloud, eventually


def _over_oslo_messaging(request: pytest.FixtureRequest) -> Iterator[BootCloud]:
    from futurist._thread import ThreadWorker
    from oslo_messaging import conffixture

    from minicloud.rpc.broker import BrokerLine

    # An idle thread of a server that was told to stop looks that seldom whether it was.
    request.getfixturevalue("monkeypatch").setattr(ThreadWorker, "MAX_IDLE_FOR", 0.05)
    lines: list[BrokerLine] = []

    def line(conf: cfg.ConfigOpts) -> Line:
        fixture = conffixture.ConfFixture(conf, transport_url="fake://")
        fixture.setUp()
        request.addfinalizer(fixture.cleanUp)
        lines.append(BrokerLine(conf))
        return lines[0]

    with boot_cloud(request.getfixturevalue("tmp_path"), line) as cloud:
        yield cloud
    lines[0].close()


@pytest.fixture(params=["direct", "oslo.messaging"])
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BootCloud]:
    if request.param == "direct":
        with boot_cloud(tmp_path) as made:
            yield made
    else:
        yield from _over_oslo_messaging(request)


@pytest.fixture
def quiet_cloud(tmp_path: Path) -> Iterator[BootCloud]:
    """Over direct calls; nobody does anything unless woken."""
    with boot_cloud(tmp_path, only_when_woken=True) as made:
        yield made


def _busy_host(cloud: BootCloud, uuid: str) -> str:
    """The host that is building the server, once there is one."""

    def spawning() -> str | None:
        row = cloud.show(uuid).row
        return row.host if row.task_state == Task.SPAWNING else None

    return eventually(spawning)


def test_a_server_boots(cloud: BootCloud) -> None:
    uuid = cloud.create()

    row = cloud.wait(uuid, "active").row
    assert row.host in HOSTS
    assert row.launched_at is not None
    assert row.power_state == Power.RUNNING
    assert cloud.guests(row.host or "") == {uuid: Power.RUNNING}


def test_many_servers_boot_and_the_claims_on_hosts_say_so(cloud: BootCloud) -> None:
    cloud.conf.set_override("instances", 20, "quota")
    wanted = [cloud.create() for _ in range(9)]

    hosts = [cloud.wait(uuid, "active").row.host for uuid in wanted]

    for name in HOSTS:
        node = cloud.node(name)
        assert node.num_instances == node.vcpus_used == hosts.count(name)
        assert node.num_io_ops == 0


def test_a_boot_on_an_idle_cloud_takes_three_transactions_two_casts_three_calls(
    quiet_cloud: BootCloud,
) -> None:
    cloud, line = quiet_cloud, quiet_cloud.line
    assert isinstance(line, DirectLine)
    cloud.wait(cloud.create(), "active")  # the first look of all

    writes, casts, calls = cloud.books.writes, line.casts, line.calls
    cloud.wait(cloud.create(), "active")

    assert cloud.books.writes - writes <= 3
    assert line.casts - casts <= 2
    assert line.calls - calls <= 3


def test_a_boot_that_fails_on_a_host_goes_on_another_and_the_tried_host_is_recorded(
    cloud: BootCloud,
) -> None:
    uuids = [cloud.create(meta={"fake:fail_spawn": "node1"}) for _ in range(4)]

    rows = [cloud.wait(uuid, "active").row for uuid in uuids]

    assert "node1" not in {row.host for row in rows}
    events = [event for uuid in uuids for event in cloud.last_action(uuid).events]
    failed = [event for event in events if event.result == "Error"]
    assert {event.host for event in failed} <= {"node1"}
    assert cloud.node("node1").num_instances == 0


def test_a_boot_that_fails_on_every_host_ends_in_error_with_the_last_reason(
    cloud: BootCloud,
) -> None:
    uuid = cloud.create(meta={"fake:fail_spawn": "*"})

    view = cloud.wait(uuid, "error")
    assert view.fault is not None
    assert view.fault.machine_code == "RETRIES_EXHAUSTED"
    assert view.fault.message.startswith("Exceeded maximum number of retries.")
    assert view.fault.message.endswith("the simulated boot failed, as it was told to")
    assert not any(host in view.fault.message for host in HOSTS)
    assert view.fault.details is not None
    assert sorted(host for host, _node in view.fault.details["hosts"]) == sorted(HOSTS)
    assert view.row.host is None
    assert all(cloud.node(name).num_instances == 0 for name in HOSTS)


def test_a_server_that_fits_nowhere_is_told_which_filter_refused_how_many(
    cloud: BootCloud,
) -> None:
    cloud.conf.set_override("ram", -1, "quota")
    cloud.conf.set_override("cores", -1, "quota")
    for host in HOSTS:
        _fill(cloud, host)

    view = cloud.wait(cloud.create("5"), "error")

    assert view.fault is not None
    assert view.fault.machine_code == "NO_VALID_HOST"
    assert view.fault.message == (
        "No valid host was found. There are not enough hosts available. "
        "Of 3 hosts, refused by: RamFilter 3."
    )
    assert view.fault.details is not None
    assert view.fault.details["counts"] == {"RamFilter": 3}


def _fill(cloud: BootCloud, host: str) -> None:
    """Claim what is left of the memory, as other servers would."""
    now = cloud.books.now()
    left = sa.update(ComputeNode).where(ComputeNode.host == host)
    values = {"memory_mb_used": ComputeNode.memory_mb_limit - 512, "changed_at": now}
    cloud.books.write(lambda db: db.execute(left.values(values)) and None)


def test_a_forced_host_takes_the_server_and_its_capacity_is_claimed(cloud: BootCloud) -> None:
    before = cloud.node("node2").memory_mb_used

    row = cloud.wait(cloud.create("2", force_host="node2"), "active").row

    assert row.host == "node2"
    assert cloud.node("node2").memory_mb_used == before + 2048


def test_a_forced_host_that_fails_is_not_tried_elsewhere(cloud: BootCloud) -> None:
    uuid = cloud.create(force_host="node2", meta={"fake:fail_spawn": "node2"})

    view = cloud.wait(uuid, "error")

    assert view.fault is not None
    assert view.fault.machine_code == "BUILD_FAILED"
    assert cloud.node("node2").num_instances == 0


def test_a_forced_host_that_nobody_knows_is_no_valid_host(cloud: BootCloud) -> None:
    view = cloud.wait(cloud.create(force_host="nowhere"), "error")

    assert view.fault is not None
    assert view.fault.machine_code == "NO_VALID_HOST"
    assert "refused by: force_hosts 3" in view.fault.message


def test_a_server_deleted_while_it_builds_is_gone_and_leaves_no_guest(cloud: BootCloud) -> None:
    uuid = cloud.create(meta={"fake:spawn_s": "1.5"})
    host = _busy_host(cloud, uuid)

    cloud.delete(uuid)

    eventually(lambda: cloud.is_gone(uuid))
    # The boot that was under way may end after the deletion.
    eventually(lambda: cloud.guests(host) == {} and cloud.node(host).num_instances == 0)
    assert cloud.last_action(uuid).row.action == "delete"
    assert cloud.last_action(uuid).row.result == "Success"


def test_a_server_on_a_dead_host_can_be_deleted(cloud: BootCloud) -> None:
    uuid = cloud.create()
    host = cloud.wait(uuid, "active").row.host or ""

    cloud.die()
    cloud.delete(uuid)

    eventually(lambda: cloud.is_gone(uuid))
    assert cloud.node(host).num_instances == 0
    assert cloud.guests(host) == {uuid: Power.RUNNING}


def test_a_host_that_comes_back_destroys_what_was_deleted_meanwhile(
    cloud: BootCloud,
) -> None:
    uuid = cloud.create()
    host = cloud.wait(uuid, "active").row.host or ""
    cloud.die()
    cloud.delete(uuid)
    eventually(lambda: cloud.is_gone(uuid))

    cloud.agent.compute("agent")

    eventually(lambda: cloud.guests(host) == {})


def test_power_actions_do_what_they_say(cloud: BootCloud) -> None:
    uuid = cloud.create()
    host = cloud.wait(uuid, "active").row.host or ""

    seen = []
    for action, state in (
        ("stop", "stopped"),
        ("start", "active"),
        ("reboot", "active"),
        ("reboot_hard", "active"),
    ):
        cloud.act(uuid, action)
        row = cloud.wait(uuid, state).row
        seen.append((action, row.power_state, cloud.guests(host)[uuid]))

    assert seen == [
        ("stop", Power.SHUTDOWN, Power.SHUTDOWN),
        ("start", Power.RUNNING, Power.RUNNING),
        ("reboot", Power.RUNNING, Power.RUNNING),
        ("reboot_hard", Power.RUNNING, Power.RUNNING),
    ]
    boots = [
        line
        for line in cloud.zone.servers.console_output(
            cloud.alice, cloud.zone.servers.find(cloud.alice, uuid), None
        ).splitlines()
        if "Linux version" in line
    ]
    assert len(boots) == 4


def test_an_action_from_a_wrong_state_is_refused_and_leaves_no_trace(cloud: BootCloud) -> None:
    uuid = cloud.create()
    cloud.wait(uuid, "active")

    with pytest.raises(errors.InvalidState, match=r"Cannot 'start' instance .* vm_state active"):
        cloud.act(uuid, "start")

    assert [row.action for row in cloud.zone.servers.actions(cloud.alice, uuid)] == ["create"]


def test_the_actions_of_a_server_and_their_events_are_recorded(cloud: BootCloud) -> None:
    uuid = cloud.create()
    host = cloud.wait(uuid, "active").row.host
    cloud.alice = RequestContext(
        user_id="alice", project_id="p1", roles=["member"], is_admin=False, overwrite=False
    )
    cloud.act(uuid, "stop")
    cloud.wait(uuid, "stopped")

    actions = cloud.zone.servers.actions(cloud.alice, uuid)

    assert [(a.action, a.result, a.user_id) for a in actions] == [
        ("stop", "Success", "alice"),
        ("create", "Success", "alice"),
    ]
    assert all(a.finish_time is not None and a.finish_time >= a.start_time for a in actions)
    created = cloud.zone.servers.action(cloud.alice, uuid, actions[1].request_id)
    assert [(e.event, e.result, e.host) for e in reversed(created.events)] == [
        ("scheduler_select_destinations", "Success", None),
        ("compute__do_build_and_run_instance", "Success", host),
    ]
    stopped = cloud.zone.servers.action(cloud.alice, uuid, actions[0].request_id)
    assert [(e.event, e.result, e.host) for e in stopped.events] == [
        ("compute_stop_instance", "Success", host)
    ]


def test_a_guest_shut_down_from_inside_is_shown_as_stopped(cloud: BootCloud) -> None:
    uuid = cloud.create()
    host = cloud.wait(uuid, "active").row.host or ""

    cloud.hypervisor.power_off(host, uuid)

    eventually(lambda: cloud.show(uuid).row.vm_state == "stopped")


def test_a_stopped_guest_that_runs_again_is_stopped(cloud: BootCloud) -> None:
    uuid = cloud.create()
    host = cloud.wait(uuid, "active").row.host or ""
    cloud.act(uuid, "stop")
    cloud.wait(uuid, "stopped")

    cloud.hypervisor.power_on(host, uuid, 0)

    eventually(lambda: cloud.guests(host)[uuid] == Power.SHUTDOWN)


def test_a_guest_that_is_lost_is_shown_as_error_with_the_reason(cloud: BootCloud) -> None:
    uuid = cloud.create()
    host = cloud.wait(uuid, "active").row.host or ""

    cloud.hypervisor.destroy(host, uuid)

    eventually(lambda: cloud.show(uuid).row.vm_state == "error")
    fault = cloud.show(uuid).fault
    assert fault is not None
    assert fault.machine_code == "GUEST_LOST"
