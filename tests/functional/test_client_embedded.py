"""The real clients and a cloud in one process."""

from collections.abc import Iterator

import pytest

from tests.functional.clouds import Cloud

pytest.register_assert_rewrite("tests.functional.client_walk")
pytest.register_assert_rewrite("tests.functional.client_walk_dry")
pytest.register_assert_rewrite("tests.functional.client_walk_hosts")
pytest.register_assert_rewrite("tests.functional.client_walk_servers")
from tests.functional.client_walk import *  # noqa: E402, F403
from tests.functional.client_walk_dry import *  # noqa: E402, F403
from tests.functional.client_walk_hosts import *  # noqa: E402, F403
from tests.functional.client_walk_servers import *  # noqa: E402, F403


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("embedded") / "state")
    made.up("--set", "compute.full_look_interval_s=2")
    yield made
    made.down()
