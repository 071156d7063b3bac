"""The real clients and a cloud of many processes over RabbitMQ and MariaDB."""

from collections.abc import Iterator

import pytest

from tests.functional.clouds import Cloud

pytest.register_assert_rewrite("tests.functional.client_walk")
pytest.register_assert_rewrite("tests.functional.client_walk_hosts")
from tests.functional.client_walk import *  # noqa: E402, F403
from tests.functional.client_walk_hosts import *  # noqa: E402, F403


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("processes") / "state")
    made.up("--processes", "--computes", "3")
    yield made
    made.down()
