"""A cloud for each test, in which no change to what tokens grant may go uncounted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.identity.counted import uncounted
from tests.functional.service_client import Cloud, clouds


@pytest.fixture
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cloud]:
    for made in clouds(request, tmp_path):
        with uncounted(made.database) as found:
            yield made
        assert found == []
