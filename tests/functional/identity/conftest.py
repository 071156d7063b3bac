"""A cloud for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.service_client import Cloud, clouds


@pytest.fixture
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cloud]:
    yield from clouds(request, tmp_path)
