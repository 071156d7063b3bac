"""A Redis that lets nobody in without its password."""

import pytest

from minicloud.errors import CannotStart
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.redis import Redis
from minicloud.servicegroup.leases import lease_of
from tests.contract.servicegroup.place import Place


@pytest.mark.parametrize(
    ("password", "said"), [("", "it wants a password"), (":wr0ng@", "invalid .*password")]
)
def test_who_names_no_password_or_a_wrong_one_is_told_so(
    own_redis: Redis, password: str, said: str
) -> None:
    url = f"redis://{password}127.0.0.1:{own_redis.port}"
    conf = Place(url, "sqlite://", 20.0).conf()

    with pytest.raises(CannotStart, match=said) as caught:
        lease_of(conf, "node1", SystemClock()).join({"node1": 1}, "nova-compute")

    assert "wr0ng" not in str(caught.value)
