"""The conductor that has a duty hangs: another does it."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

from minicloud.conductor.duties import AUDIT, DEAD_HOSTS, RECLAIM
from tests.crash.deployment import Deployment, until
from tests.crash.test_outages import SLOW, clear, forget_failed_builds
from tests.crash.traffic import Traffic


def _duties(deployment: Deployment) -> dict[str, Any]:
    """As an operator is told."""
    conf = str(deployment.cloud.state.conf)
    command = [sys.executable, "-m", "minicloud.cmd.manage", "--config-file", conf]
    said = subprocess.run(
        [*command, "duties", "--json"], capture_output=True, text=True, check=True, env=os.environ
    ).stdout
    return {duty["name"]: duty for duty in json.loads(said)["duties"]}


def _hosts(deployment: Deployment, traffic: Traffic) -> set[str]:
    shown = [deployment.client.show(uuid).json()["server"] for uuid in traffic.accepted]
    return {str(server["OS-EXT-SRV-ATTR:host"] or "") for server in shown}


def test_the_work_of_a_dead_host_is_given_up_though_who_has_that_duty_hangs(
    deployment: Deployment,
) -> None:
    traffic = Traffic(deployment.client)
    forget_failed_builds(deployment)
    until(lambda: all(duty["holder"] for duty in _duties(deployment).values()), 30)
    before = _duties(deployment)
    holder = before[DEAD_HOSTS]["holder"]
    for _ in range(8):
        traffic.create(SLOW)
    until(lambda: "" not in _hosts(deployment, traffic), 20)
    assert {"node1", "node2"} & _hosts(deployment, traffic)

    stopped = [deployment.cloud.send(name, signal.SIGSTOP) for name in ("compute-1", holder)]
    try:
        until(lambda: _hosts(deployment, traffic) <= {"node3", "node4"}, 90)
        after = _duties(deployment)
    finally:
        for child in stopped:
            deployment.cloud.send(child.name, signal.SIGCONT)
    deployment.wait_restarted()
    deployment.wait_for_rest()

    assert set(after) == {DEAD_HOSTS, AUDIT, RECLAIM}
    assert after[DEAD_HOSTS]["holder"] not in (None, holder)
    assert after[DEAD_HOSTS]["token"] > before[DEAD_HOSTS]["token"]
    clear(deployment, traffic)
