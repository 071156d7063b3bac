"""All that a member needs, imported once by the server that forks them."""

import importlib
from contextlib import suppress

import tests.contract.servicegroup.member

__all__ = ["tests"]

for _name in ("zookeeper", "memcached", "redis", "etcd"):
    with suppress(ImportError):  # a missing library is told by who needs it
        importlib.import_module(f"minicloud.servicegroup.stores.{_name}")
