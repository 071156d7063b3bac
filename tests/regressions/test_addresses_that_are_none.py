"""An address of Keystone that is none, and a way to log in that needs none, were tracebacks."""

import pytest

from minicloud.cmd import identity
from minicloud.errors import CannotStart
from minicloud.identity.external import login

_NONE = ["http://host:port/v3", "http://[x/v3", "http://host:99999/v3"]


@pytest.mark.parametrize("address", _NONE)
def test_of_the_option(address: str) -> None:
    with pytest.raises(CannotStart, match="expected an address"):
        identity.check(address)


@pytest.mark.parametrize("address", _NONE)
def test_of_the_environment(address: str) -> None:
    environ = {"OS_USERNAME": "admin", "OS_PASSWORD": "hunter2", "OS_AUTH_URL": address}

    with pytest.raises(CannotStart, match="is no address") as said:
        login.from_environment("http://host:5000/v3", environ)

    assert "hunter2" not in str(said.value)


def test_a_way_to_log_in_that_asks_no_keystone() -> None:
    with pytest.raises(CannotStart, match="OS_ variables"):
        login.from_environment("http://host/v3", {"OS_USERNAME": "a", "OS_AUTH_TYPE": "none"})
