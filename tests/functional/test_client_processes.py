"""The real clients and a cloud of many processes over RabbitMQ and MariaDB."""

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
from tests.functional.client_walk_servers import (  # noqa: E402, F401
    servers_shell,
    test_a_server_is_moved_and_its_migrations_are_told,
    test_a_server_is_paused_suspended_locked_rescued_and_shelved,
    test_a_server_is_photographed_and_kept,
    test_a_server_is_rebuilt_resized_and_taken_back,
    test_what_cannot_be_is_refused_with_the_reason,
)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("processes") / "state")
    made.up("--processes", "--computes", "3", "--set", "compute.full_look_interval_s=2")
    yield made
    made.down()
