"""`minicloud` as a person uses it: real commands, real processes, both modes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from minicloud.runtime import pids, ports
from minicloud.runtime.clock import SystemClock
from tests.servers import absent, left_in

BIN = Path(sys.executable).parent / "minicloud"
CLOCK = SystemClock()


class Cloud:
    """A state directory, and the commands that are run on it."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, ports.free_port()

    def call(self, *words: str, wants: int | None = 0) -> str:
        """Run a command; returns all that it prints."""
        done = subprocess.run(
            [BIN, *words, "--state-dir", self.root],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=180,
        )
        assert wants is None or done.returncode == wants, done.stdout
        return done.stdout

    def up(self, *words: str, wants: int | None = 0) -> str:
        return self.call("up", "--detach", "--port", str(self.port), *words, wants=wants)

    def pid(self, name: str) -> int:
        children = json.loads(self.call("status", "--json"))["children"]
        return int(next(child["pid"] for child in children if child["name"] == name))

    def limits(self, *words: str) -> str:
        """Run a command on the rate limits; returns all that it prints."""
        done = subprocess.run(
            [
                BIN.with_name("minicloud-manage"),
                *("--config-file", self.root / "etc" / "minicloud.conf"),
                *("limits", *words),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def guess_password(self) -> requests.Response:
        user = {"name": "admin", "domain": {"id": "default"}, "password": "a guess"}
        identity = {"methods": ["password"], "password": {"user": user}}
        address = f"http://127.0.0.1:{self.port}/identity/v3/auth/tokens"
        return requests.post(address, json={"auth": {"identity": identity}}, timeout=10)

    def guess_until_refused(self) -> requests.Response:
        """The refusal, which must come soon."""
        end = CLOCK.monotonic() + 30
        while (answer := self.guess_password()).status_code != 429:
            assert CLOCK.monotonic() < end, answer.text
        return answer

    def answers(self) -> int:
        return requests.get(f"http://127.0.0.1:{self.port}/identity/v3", timeout=10).status_code


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "a space")
    yield made
    made.call("down")


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One deployment for all tests that leave it as it was."""
    made = Cloud(tmp_path_factory.mktemp("a space") / "state")
    said = made.up("--processes", "--computes", "2", "--hosts", "2", "--rate-limits", wants=None)
    if "apt-get install" in said:
        absent(said)
    assert "minicloud is up" in said, said
    yield made
    made.call("down")


def test_one_process_comes_up_serves_and_goes_down(cloud: Cloud) -> None:
    said = cloud.up()

    assert 'eval "$(minicloud env --state-dir' in said
    assert cloud.answers() == 200
    status = cloud.call("status")
    assert "in one process" in status
    assert "nova-compute 3 up" in status
    assert "minicloud is down" in cloud.call("down")
    assert ports.is_free(cloud.port)
    cloud.call("status", wants=3)


def test_the_password_outlives_down_and_up(cloud: Cloud) -> None:
    cloud.up("--password", 'it\'s a "secret"')
    cloud.call("down")

    cloud.up()

    script = f'eval "$("{BIN}" env --state-dir "{cloud.root}" --user demo)"; echo "$OS_PASSWORD"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == 'it\'s a "secret"\n'


def test_a_second_cloud_in_the_same_place_is_refused(cloud: Cloud) -> None:
    cloud.up()

    said = cloud.up(wants=1)

    assert "a cloud already runs in" in said
    assert cloud.answers() == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_it_cleanly(cloud: Cloud, number: int) -> None:
    command = [str(BIN), "up", "--port", str(cloud.port), "--state-dir", str(cloud.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "minicloud is up" in running.stdout.readline()

        running.send_signal(number)

        assert "minicloud has stopped" in running.stdout.read()
    assert running.returncode == 0


def test_a_misspelt_option_is_one_clear_line(cloud: Cloud) -> None:
    said = cloud.up("--set", "quota.instancse=1", wants=1)

    assert "there is no option instancse in [quota]" in said


def test_a_value_that_makes_no_sense_is_one_clear_line(cloud: Cloud) -> None:
    (line,) = cloud.up("--set", "api.threads=many", wants=1).splitlines()

    assert "[api] threads: " in line
    assert "'many'" in line


@pytest.mark.parametrize("option", ["--broker", "--database"])
def test_an_address_that_is_none_is_refused_before_anything_starts(
    cloud: Cloud, option: str
) -> None:
    said = cloud.up("--processes", option, "nonsense", wants=1)

    assert f"cannot start: {option} nonsense: expected a URL" in said
    assert not (cloud.root / "servers").exists()


def test_every_host_of_every_agent_is_there(processes: Cloud) -> None:
    status = json.loads(processes.call("status", "--json"))

    assert status["hosts"] == 4
    assert {child["service"] for child in status["children"]} == {
        "api",
        "compute",
        "conductor",
        "mariadb",
        "rabbitmq",
        "redis",
        "scheduler",
    }
    assert "node3,node4" in (processes.root / "etc" / "compute-2.conf").read_text()


def test_limits_are_off_unless_asked_for(cloud: Cloud) -> None:
    cloud.up()

    assert "limits " not in cloud.call("status")
    assert "off: [ratelimit] enabled is false" in cloud.limits("show")


def test_limits_of_one_process_are_changed_while_it_runs(cloud: Cloud) -> None:
    cloud.up("--rate-limits")
    assert f"limits    of {cloud.root}/etc/limits.yaml" in cloud.call("status")
    assert cloud.guess_password().status_code == 401

    said = cloud.limits("set", "log-in", "--value", "1", "--unit", "HOUR")

    assert "log-in: 1 POST calls per HOUR to /v3/auth/tokens for each address" in said
    refused = cloud.guess_until_refused()
    assert int(refused.headers["Retry-After"]) <= 3600
    cloud.call("down")
    cloud.up("--rate-limits")
    assert "1  HOUR" in cloud.limits("show")


def test_limits_of_a_file_that_is_wrong_stop_the_start_with_the_line(
    cloud: Cloud, tmp_path: Path
) -> None:
    file = tmp_path / "limits.yaml"
    file.write_text("limits:\n- name: a\n  value: 3\n  unit: MINUTES\n")

    (line,) = cloud.up("--rate-limits", str(file), wants=1).splitlines()

    assert f"{file}, line 4: limit 'a': unit: 'MINUTES' is none of SECOND, MINUTE" in line


def test_a_store_without_limits_is_refused(cloud: Cloud) -> None:
    said = cloud.up("--rate-limit-store", "redis://127.0.0.1:1", wants=2)

    assert "add --rate-limits" in said


def test_limits_are_changed_in_running_programs(processes: Cloud) -> None:
    assert processes.guess_password().status_code == 401

    processes.limits("set", "log-in", "--value", "1", "--unit", "HOUR")

    processes.guess_until_refused()
    assert "limits    in Redis" in processes.call("status")
    (heard,) = [line for line in processes.limits("ping").splitlines() if "api-1/" in line]
    assert heard.startswith(f"api-1/{processes.pid('api-1')}  ")
    assert "these" in processes.limits("show")


def test_what_is_killed_comes_back(processes: Cloud) -> None:
    before = processes.pid("compute-2")

    processes.call("kill", "compute-2")

    for _ in range(100):
        if processes.pid("compute-2") != before:
            break
        CLOCK.sleep(0.1)
    assert processes.pid("compute-2") != before
    assert "compute-2" in processes.call("logs", "supervisor", "-n", "5")


def test_a_rolling_restart_of_the_api_refuses_nobody(processes: Cloud) -> None:
    before = processes.pid("api-1")
    command = [str(BIN), "restart", "api", "--state-dir", str(processes.root)]
    answers = set()

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as restarting:
        while restarting.poll() is None:
            answers.add(processes.answers())

    assert restarting.returncode == 0
    assert answers == {200}
    assert processes.pid("api-1") != before
    assert pids.start_time(before) is None


def test_a_filter_that_nobody_knows_stops_the_start_with_its_reason(cloud: Cloud) -> None:
    filters = "filter_scheduler.enabled_filters=NoFilter"

    said = cloud.up("--processes", "--set", filters, wants=1)

    if "apt-get install" in said:
        absent(said)
    assert "there is no NoFilter" in said
    assert ports.is_free(cloud.port)


def test_what_a_killed_supervisor_left_is_ended_by_down(cloud: Cloud) -> None:
    said = cloud.up("--processes", "--computes", "1", wants=None)
    if "apt-get install" in said:
        absent(said)
    status = json.loads(cloud.call("status", "--json"))
    os.kill(status["pid"], signal.SIGKILL)

    cloud.call("down")

    assert left_in(cloud.root) == []
