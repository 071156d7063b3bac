"""A program that is stopped for a while takes nobody else with it."""

import signal
import time

from minicloud.cmd.parts import service_group
from minicloud.servicegroup.base import COMPUTE
from tests.crash.deployment import QUICK, Deployment
from tests.options import defaults

TTL_S = float(QUICK["servicegroup.service_down_time_s"])


def test_no_host_is_called_down_because_one_of_two_conductors_is_stopped(
    deployment: Deployment,
) -> None:
    conf = defaults()
    for option in ("report_interval_s", "service_down_time_s"):
        conf.set_override(option, QUICK[f"servicegroup.{option}"], "servicegroup")
    group = service_group(conf, deployment.books)
    paused = deployment.of("conductor")[0].name

    down = set()
    deployment.cloud.send(paused, signal.SIGSTOP)
    try:
        end = time.monotonic() + 3 * TTL_S
        while time.monotonic() < end:
            down |= group.down(COMPUTE)
            time.sleep(0.2)
    finally:
        deployment.cloud.send(paused, signal.SIGCONT)

    assert down == set()
