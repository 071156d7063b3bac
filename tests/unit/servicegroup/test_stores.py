"""What is told of a store that cannot be used."""

import sys
from types import SimpleNamespace

import pytest
from kazoo.exceptions import ConnectionLoss
from kazoo.handlers.threading import SequentialThreadingHandler

from minicloud import errors
from minicloud.runtime import ports
from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup.address import address_of
from minicloud.servicegroup.entry import Entry
from minicloud.servicegroup.leases import NoLease, lease_of
from minicloud.servicegroup.stores import connect, zookeeper
from tests.options import defaults

LIBRARIES = {
    "zk": ("zookeeper", "kazoo"),
    "mc": ("memcached", "pymemcache"),
    "redis": ("redis", "redis"),
    "etcd": ("etcd", "etcd3gw"),
}


@pytest.mark.parametrize("driver", LIBRARIES)
def test_a_missing_library_is_told_with_what_to_install(
    driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, library = LIBRARIES[driver]
    monkeypatch.delitem(sys.modules, f"minicloud.servicegroup.stores.{module}", raising=False)
    for loaded in [one for one in sys.modules if one.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, library, None)
    conf = defaults()
    conf.set_override("driver", driver, "servicegroup")

    with pytest.raises(errors.CannotStart, match=rf"pip install 'tooz\[.*{library}"):
        connect(conf)


@pytest.mark.parametrize("driver", ["mc", "redis", "etcd"])
def test_a_missing_server_is_told_with_where_it_was_looked_for(driver: str) -> None:
    conf, place = defaults(), f"127.0.0.1:{ports.free_port()}"
    conf.set_override("driver", driver, "servicegroup")
    conf.set_override("servers", [place], "memcache")
    conf.set_override("url", f"redis://:s3cret@{place}", "redis")
    conf.set_override("url", f"http://{place}", "etcd")

    with pytest.raises(errors.CannotStart, match=place) as caught:
        connect(conf)

    assert "s3cret" not in str(caught.value)


class _Hanging:
    """A client of ZooKeeper whose server takes requests and answers none."""

    connected = True

    def exists_async(self, path: str) -> object:
        return SequentialThreadingHandler().async_result()


def test_a_zookeeper_that_hangs_is_told_as_one_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zookeeper, "IO_S", 0.01)
    conf = defaults()
    conf.set_override("driver", "zk", "servicegroup")
    store = zookeeper.ZooKeeperStore(address_of(conf), 1.0, conf, SystemClock())
    store.coordinator = SimpleNamespace(_coord=_Hanging(), _path_group=lambda group: "/tooz/x")

    with pytest.raises(errors.StoreDown, match=r"no answer within 0\.01 s"):
        store.read("nova-compute")


def test_an_error_without_words_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    conf = defaults()
    conf.set_override("driver", "zk", "servicegroup")
    store = zookeeper.ZooKeeperStore(address_of(conf), 1.0, conf, SystemClock())

    def fails(_group: str) -> object:
        raise ConnectionLoss

    monkeypatch.setattr(store, "_read", fails)
    with pytest.raises(errors.StoreDown, match=r"cannot be reached: connection loss$"):
        store.read("nova-compute")


def test_with_the_database_a_program_holds_no_lease() -> None:
    assert isinstance(lease_of(defaults(), "node1", SystemClock()), NoLease)


@pytest.mark.parametrize("said", [None, {}, [], {"hosts": 3}, {"owner": 1}, b"alive"])
def test_a_member_that_says_nothing_of_ours_stands_for_itself(said: object) -> None:
    assert Entry.said_by("node1", said).hosts == {"node1": 0}
