"""The world of a new cloud is made once, whoever comes first."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from minicloud.db import models
from minicloud.db.models import CatalogEndpoint, Domain, RoleAssignment, User
from minicloud.identity.bootstrap import bootstrap
from tests.functional.service_client import PASSWORD, Cloud, begin, clouds, login


def test_a_second_bootstrap_changes_nothing(cloud: Cloud) -> None:
    before = counts(cloud)

    bootstrap(cloud.database, cloud.conf, "another password")

    assert counts(cloud) == before
    assert cloud.token("admin", "admin", PASSWORD)


@pytest.fixture
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cloud]:
    """One whose tables a test may empty."""
    yield from clouds(request, tmp_path)


def test_two_bootstraps_at_once_make_one_world(cloud: Cloud) -> None:
    before = counts(cloud)
    for table in models.Base.metadata.sorted_tables:
        forget(cloud, table)
    failures: list[Exception] = []

    def run() -> None:
        try:
            bootstrap(cloud.database, cloud.conf, PASSWORD)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    assert counts(cloud) == before


@pytest.mark.parametrize(
    ("user", "project", "roles"),
    [
        ("admin", "admin", {"admin", "manager", "member", "reader"}),
        ("admin", "demo", {"admin", "manager", "member", "reader"}),
        ("demo", "demo", {"member", "reader"}),
        ("demo_manager", "demo", {"manager", "member", "reader"}),
        ("demo_reader", "demo", {"reader"}),
        ("alt_demo", "alt_demo", {"member", "reader"}),
        ("nova", "service", {"service", "admin", "manager", "member", "reader"}),
        ("neutron", "service", {"service"}),
    ],
)
def test_the_users_of_devstack_can_log_in(
    cloud: Cloud, user: str, project: str, roles: set[str]
) -> None:
    token = cloud.ask("POST", "/v3/auth/tokens", login(user, project)).json["token"]

    assert {role["name"] for role in token["roles"]} == roles


def test_the_public_url_is_what_links_and_catalogue_start_with(tmp_path: Path) -> None:
    cloud = begin(tmp_path, api__public_url="https://cloud.example.org/")

    token = cloud.ask("POST", "/v3/auth/tokens", login("demo", "demo")).json["token"]
    link = cloud.ask("GET", "/v3").json["version"]["links"][0]["href"]

    assert link == "https://cloud.example.org/identity/v3/"
    for entry in token["catalog"]:
        assert entry["endpoints"][0]["url"].startswith("https://cloud.example.org/")


def counts(cloud: Cloud) -> list[int]:
    counted = (Domain, User, RoleAssignment, CatalogEndpoint)
    return cloud.database.read(
        lambda db: [db.scalar(sa.select(sa.func.count()).select_from(m)) or 0 for m in counted]
    )


def forget(cloud: Cloud, table: sa.Table) -> None:
    cloud.database.write(lambda db: db.execute(sa.delete(table)))
