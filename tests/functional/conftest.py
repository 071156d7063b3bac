"""The real client, and who is in a real Keystone."""

from collections.abc import Iterator

import pytest

from minicloud.runtime.servers.keystone import Keystone
from tests.functional.client_shell import Shell, environment
from tests.functional.clouds import Cloud
from tests.functional.people import People


@pytest.fixture(scope="module")
def shell(cloud: Cloud) -> Iterator[Shell]:
    """The client as the administrator of the module's cloud."""
    made = Shell(environment(cloud))
    yield made
    made.close()


@pytest.fixture(scope="module")
def people(keystone: Keystone) -> People:
    return People(keystone)
