"""`minicloud up --servicegroup` as a person uses it: real commands, real programs."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from minicloud.cmd.service_group import Choice
from minicloud.errors import CannotStart
from minicloud.runtime import ports
from tests.functional.clouds import Cloud
from tests.servers import Servers, left_in
from tests.waiting import until


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Members in a private Redis, which has the levels of rate limits too."""
    made = Cloud(tmp_path_factory.mktemp("a space") / "state")
    made.up("--processes", "--computes", "1", "--servicegroup", "redis", "--rate-limits")
    yield made
    made.down()


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("nonsense", "--servicegroup nonsense: expected zk, mc, redis, etcd, db, or a URL"),
        ("zookeeper://h:x", "--servicegroup: 'h:x' is not host:port"),
        ("redis://:secret@127.0.0.1:{port}", "redis://127.0.0.1:{port} (--servicegroup): "),
    ],
)
def test_what_cannot_be_is_one_line_before_anything_starts(
    tmp_path: Path, word: str, told: str
) -> None:
    cloud, port = Cloud(tmp_path / "state"), ports.free_port()

    said = cloud.up("--processes", "--servicegroup", word.format(port=port), wants=1)

    (line,) = said.splitlines()
    assert told.format(port=port) in line
    assert "secret" not in line
    assert not cloud.state.servers.exists()


@pytest.mark.parametrize("kind", ["zookeeper", "memcached", "redis", "etcd"])
def test_a_url_is_asked_for_an_answer_of_its_kind(kind: str, servers: Servers) -> None:
    server = servers.get(kind)

    Choice(server.url).check()

    other = "memcached" if kind == "redis" else "redis"
    with pytest.raises(CannotStart) as error:
        Choice(f"{other}://{ports.LOOPBACK}:{server.port}").check()
    (line,) = str(error.value).splitlines()
    assert f"{other}://{ports.LOOPBACK}:{server.port} (--servicegroup): " in line


def test_one_redis_is_for_members_and_limits(cloud: Cloud) -> None:
    run = json.loads(cloud.call("status", "--json"))

    services = {child["service"] for child in run["children"]}
    assert "redis" in services
    port = run["ports"]["redis"]
    assert run["servicegroup"] == f"redis, redis at 127.0.0.1:{port}"
    written = cloud.state.conf.read_text()
    assert written.count(f"@127.0.0.1:{port}") == 2
    assert "driver = redis" in written


def test_its_server_is_one_of_the_cloud(cloud: Cloud) -> None:
    before = cloud.child("redis").pid

    cloud.call("kill", "redis")

    until(lambda: cloud.child("redis").pid not in (0, before))
    until(lambda: cloud.child("redis").state == "running")
    assert "Ready to accept connections" in cloud.call("logs", "redis")


def test_what_a_killed_supervisor_left_is_ended_by_down(cloud: Cloud) -> None:
    os.kill(cloud.run().pid, signal.SIGKILL)

    cloud.down()

    assert left_in(cloud.state.root) == []
