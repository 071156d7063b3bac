"""A cloud for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.service_client import Cloud, begin


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    cloud = begin(tmp_path)
    yield cloud
    cloud.database.dispose()
