"""Filters and weighers of a package of one's own, in Nova's shape, in the cloud of one process.

The filter is the one of doc/checklist-filter.md, as it stands there.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.client import NANO, Client
from tests.crash.deployment import until
from tests.functional.clouds import PASSWORD, Cloud

_ROOT = Path(__file__).parents[2]
_DOCUMENT = _ROOT / "doc" / "checklist-filter.md"
_FILTER = re.compile(r"## Your own filter.*?```python\n(.*?)```", re.DOTALL)
_WEIGHER = """
from minicloud.scheduler import weighers as weights


class LastWeigher(weights.BaseHostWeigher):
    def _weigh_object(self, host_state, weight_properties):
        return int(host_state.host.removeprefix("node"))
"""
_ENABLED = "filter_scheduler.enabled_filters=ComputeFilter,acme.placing.GpuFilter"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    package = tmp_path / "packages" / "acme"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    example = _FILTER.search(_DOCUMENT.read_text())
    assert example is not None
    (package / "placing.py").write_text(example[1])
    (package / "weights.py").write_text(_WEIGHER)
    path = os.pathsep.join([str(package.parent), os.environ.get("PYTHONPATH", str(_ROOT))])
    made = Cloud(tmp_path / "state", {"PYTHONPATH": path})
    yield made
    made.down()


def test_a_filter_and_a_weigher_of_ones_own_choose_the_host(cloud: Cloud) -> None:
    cloud.up(
        *("--hosts", "3", "--set", _ENABLED),
        *("--set", "filter_scheduler.enabled_weighers=acme.weights.LastWeigher"),
    )
    client = Client(cloud.url, PASSWORD).log_in()

    anywhere = _boot(client, "anywhere")
    _ask(client, f"flavors/{NANO}/os-extra_specs", {"extra_specs": {"acme:gpus": "2"}})
    nowhere = _boot(client, "nowhere")
    _aggregate(client, "node1", gpus="2")
    there = _boot(client, "there")

    assert (anywhere["status"], anywhere["OS-EXT-SRV-ATTR:host"]) == ("ACTIVE", "node3")
    assert nowhere["status"] == "ERROR"
    assert "GpuFilter 3" in nowhere["fault"]["message"]
    assert (there["status"], there["OS-EXT-SRV-ATTR:host"]) == ("ACTIVE", "node1")


def test_a_path_that_leads_nowhere_stops_the_start_and_is_named(cloud: Cloud) -> None:
    said = cloud.up("--set", f"{_ENABLED},acme.missing.SsdFilter", wants=1)

    assert "[filter_scheduler] enabled_filters: acme.missing.SsdFilter cannot be imported" in said


def _ask(client: Client, path: str, body: Any) -> Any:
    answer = client.ask("POST", f"/compute/v2.1/{path}", body)
    assert answer.ok, answer.text
    return answer.json()


def _aggregate(client: Client, host: str, **metadata: str) -> None:
    aggregate = {"name": "gpus", "availability_zone": None}
    made = _ask(client, "os-aggregates", {"aggregate": aggregate})["aggregate"]
    for action in ({"add_host": {"host": host}}, {"set_metadata": {"metadata": metadata}}):
        _ask(client, f"os-aggregates/{made['id']}/action", action)


def _boot(client: Client, name: str) -> Any:
    """The server once it has come to rest."""
    answer = client.create(name)
    assert answer.status_code == 202, answer.text
    uuid = answer.json()["server"]["id"]
    until(lambda: client.status(uuid) in ("ACTIVE", "ERROR"), 60)
    return client.show(uuid).json()["server"]
