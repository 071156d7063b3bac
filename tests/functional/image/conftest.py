"""A cloud for each test, and its users."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.image.caller import Caller
from tests.functional.service_client import Cloud, clouds


@pytest.fixture
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cloud]:
    yield from clouds(request, tmp_path)


@pytest.fixture
def demo(cloud: Cloud) -> Caller:
    return Caller(cloud, "demo", "demo")


@pytest.fixture
def admin(cloud: Cloud) -> Caller:
    return Caller(cloud, "admin", "admin")


@pytest.fixture
def stranger(cloud: Cloud) -> Caller:
    """A member of another project, and no admin."""
    token = cloud.token("admin", "admin")
    user, role = cloud.ident("users", "demo"), cloud.ident("roles", "member")
    body = {"project": {"name": "other"}}
    project = cloud.ask("POST", "/v3/projects", body, token).json["project"]["id"]
    cloud.ask("PUT", f"/v3/projects/{project}/users/{user}/roles/{role}", None, token)
    return Caller(cloud, "demo", "other")
