"""`minicloud-manage` with the configuration of an embedded cloud asked another database.

That the books are SQLite in the state directory was known to the running process alone: the file
that every page names as the one to give said nothing of it, so the option's default was opened.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.clouds import PATIENCE_S, PROGRAMS, Cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "state of mine")
    yield made
    made.down()


def test_quotas_and_services_of_an_embedded_cloud_are_told_by_its_configuration(
    cloud: Cloud,
) -> None:
    cloud.up()

    def manage(*words: str) -> str:
        done = subprocess.run(
            [PROGRAMS / "minicloud-manage", "--config-file", cloud.state.conf, *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    manage("quota", "update", "demo", "--instances", "7")

    assert "7" in manage("quota", "show", "--project", "demo").partition("instances")[2].split()
    assert "node1" in manage("service", "list")
