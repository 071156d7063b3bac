"""Where memberships are kept, through tooz: ZooKeeper, memcached, Redis, etcd."""

import importlib
from typing import Final

from oslo_config import cfg

from minicloud import errors
from minicloud.conf.servicegroup import down_time_s
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.servicegroup.address import address_of
from minicloud.servicegroup.stores.base import Store

_KINDS: Final = {  # driver -> module, class, what to install
    "zk": ("zookeeper", "ZooKeeperStore", "kazoo"),
    "mc": ("memcached", "MemcachedStore", "pymemcache"),
    "redis": ("redis", "RedisStore", "redis"),
    "etcd": ("etcd", "EtcdStore", "etcd3gw"),
}
_EXTRAS: Final = {"zk": "zookeeper", "mc": "memcached", "redis": "redis", "etcd": "etcd3gw"}


def connect(conf: cfg.ConfigOpts, clock: Clock | None = None) -> Store:
    """A connection to the store of the configuration; CannotStart where there is none."""
    address = address_of(conf)
    store = _kind(address.driver)(address, down_time_s(conf), conf, clock or SystemClock())
    store.connect()
    return store


def _kind(driver: str) -> type[Store]:
    """Imported only here: a cloud without such a store does not wait for its libraries."""
    module, name, library = _KINDS[driver]
    try:
        found = importlib.import_module(f"minicloud.servicegroup.stores.{module}")
    except ModuleNotFoundError as error:
        raise errors.CannotStart(
            f"[servicegroup] driver = {driver} needs the Python package {error.name}: "
            f"pip install 'tooz[{_EXTRAS[driver]}]' (tooz and {library})"
        ) from None
    kind: type[Store] = getattr(found, name)
    return kind
