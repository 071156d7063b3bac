"""GET /os-networks and /os-tenant-networks: the simulated networks, for old clients."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from minicloud.db.engine import Database
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import get, post, stock

__all__ = ["database"]


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    stock(database)
    return application(database, tmp_path, ["private:10.0.0.0/8", "six:fd00::/64"])


def test_networks_are_listed_with_their_addresses(app: Any) -> None:
    four, six = get(app, "/os-networks", version=35)["networks"]

    assert (four["label"], four["cidr"], four["cidr_v6"]) == ("private", "10.0.0.0/8", None)
    assert (four["netmask"], four["gateway"]) == ("255.0.0.0", "10.0.0.1")
    assert (six["label"], six["cidr"], six["cidr_v6"]) == ("six", None, "fd00::/64")
    assert "project_id" not in four
    assert "project_id" in get(app, "/os-networks", user="admin")["networks"][0]


@pytest.mark.parametrize("path", ["/os-networks", "/os-tenant-networks"])
def test_a_server_can_be_put_on_a_network_that_is_listed(app: Any, path: str) -> None:
    _first, second = get(app, path)["networks"]

    shown = get(app, f"{path}/{second['id']}")["network"]
    status, _ref = post(app, networks=[{"uuid": second["id"]}])

    assert shown == second
    assert status == 202


def test_a_projects_network_is_told_in_few_words(app: Any) -> None:
    first = get(app, "/os-tenant-networks")["networks"][0]

    assert {**first, "id": ""} == {"id": "", "label": "private", "cidr": "10.0.0.0/8"}


@pytest.mark.parametrize("path", ["/os-networks", "/os-tenant-networks"])
def test_networks_end_with_2_35_and_unknown_ones_are_not_there(app: Any, path: str) -> None:
    unknown = asked(app, "GET", f"{path}/nowhere", user="alice")

    assert unknown.status_int == 404
    message = orjson.loads(unknown.body)["itemNotFound"]["message"]
    assert message == "Network nowhere could not be found."
    assert asked(app, "GET", path, user="alice", version=36).status_int == 404
