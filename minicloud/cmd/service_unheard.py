"""A service group whose store cannot be reached: what the database knows, and nobody is heard."""

from collections.abc import Mapping

from oslo_config import cfg

from minicloud.errors import StoreNotThere
from minicloud.servicegroup.address import driver_of
from minicloud.servicegroup.base import Standing, Store


class Unheard:
    """What the zone asks of a group to list its services."""

    def __init__(self, conf: cfg.ConfigOpts, error: StoreNotThere) -> None:
        where, why = error.args
        self._store = Store(driver_of(conf.servicegroup.driver), where, 0.0, why)

    def get_all(self, group: str) -> set[str]:
        return set()

    def standings(self, group: str) -> Mapping[str, Standing]:
        return {}

    def store(self) -> Store:
        return self._store
