"""No secret is anywhere where it does not belong: one process, and every message within it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.functional.boot_cloud import eventually
from tests.functional.clouds import Cloud
from tests.functional.secrets import left, planted
from tests.functional.secrets.canaries import (
    MAY,
    OF_SERVERS,
    RPC,
    Canaries,
    Found,
    know_hashes,
    leaks,
)
from tests.functional.secrets.walk import Walk, seen

_ROOT = Path(__file__).parents[3]


@contextmanager
def running(directory: Path, plant: str, operator: str) -> Iterator[Cloud]:
    """As `minicloud up --detach` would start it, at DEBUG, with a bug in it and a tap."""
    cloud = Cloud(directory / "state", {"MINICLOUD_PASSWORD": operator})
    command = [sys.executable, "-m", planted.__name__, str(directory / "tap"), plant]
    command += ["up", "--state-dir", str(cloud.state.root), "--port", str(cloud.port)]
    command += [*left.SETTINGS, "--hosts", "2"]
    environment = {**os.environ, "MINICLOUD_PASSWORD": operator, "PYTHONPATH": str(_ROOT)}
    with (directory / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
    try:
        eventually(lambda: "minicloud is up" in (directory / "said").read_text() or process.poll())
        assert process.poll() is None, (directory / "said").read_text()
        yield cloud
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def broken(path: Path) -> Iterator[None]:
    """The database without one of its tables."""
    with sqlite3.connect(path, timeout=30) as connection:
        connection.execute("ALTER TABLE instance_actions RENAME TO elsewhere")
    yield
    with sqlite3.connect(path, timeout=30) as connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO instance_actions")


def everything(directory: Path, plant: str) -> tuple[Canaries, list[Found]]:
    canaries = Canaries()
    operator = canaries.new("the operator's password")
    with running(directory, plant, operator) as cloud:
        walk = Walk(cloud.url, canaries)
        walk.people(operator)
        books = cloud.state.data / "minicloud.sqlite"
        with seen(walk), broken(books):
            walk.crash()
        found = [
            *walk.found,
            *left.of_tables(f"sqlite:///{books}"),
            *(left.of_commands(cloud) if plant == "nothing" else ()),
            *left.of_processes([cloud.run().pid]),
        ]
    found += left.of_files(cloud.state.root)
    messages = (directory / "tap").read_bytes()
    found.append(Found(RPC, "between services", messages))
    found.append(Found("a log", "what it printed", (directory / "said").read_bytes()))
    know_hashes(canaries, messages, found)
    return canaries, found


def test_no_secret_is_where_it_does_not_belong(tmp_path: Path) -> None:
    canaries, found = everything(tmp_path, "nothing")

    assert leaks(canaries, found) == []
    kinds = list(canaries.kinds.values())
    assert set(kinds) == set(MAY) - OF_SERVERS
    assert kinds.count("a hash for a guest") >= 4  # changePassword, rebuild, rescue, evacuate
    assert kinds.count("a hash of a user's") >= 4


def test_every_leak_is_found(tmp_path: Path) -> None:
    canaries, found = everything(tmp_path, "everything")

    wrong = leaks(canaries, found)
    for where in (
        "a password of a guest is in a log",  # whose mask is gone: a body is written down
        "a token is in a log",
        "a password of a guest is in a message",
        "a password of a guest is in table instance_actions.parameters",  # after its action
        "a password in a bad request is in a fault",
        "user data is in its project",
    ):
        assert any(leak.startswith(where) for leak in wrong), where
