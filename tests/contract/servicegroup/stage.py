"""Shows the promises of all drivers side by side, as most of the time of each is waiting."""

import functools
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.servicegroup.eyes import Stalls
from tests.contract.servicegroup.place import DRIVERS
from tests.contract.servicegroup.scene import Scene
from tests.contract.servicegroup.store import Store
from tests.servers import Servers

Promise = Callable[[Scene], None]
_AT_ONCE = 4  # of one driver
_PATIENCE_S = 300.0
_SHAKES = "shakes"
_DRIVERS = "drivers"
_PROMISE = "promise"


def promise(*drivers: str, shakes: bool = False) -> Callable[[Promise], Callable[..., None]]:
    """Makes a test of each of these drivers (all of them if none is named).

    `shakes`: it does something to the server that others would notice.
    """

    def made(shown: Promise) -> Callable[..., None]:
        @pytest.mark.parametrize("driver", drivers or DRIVERS)
        def test(stage: Stage, driver: str) -> None:
            stage.outcome(shown, driver)

        test.__name__, test.__qualname__ = shown.__name__, shown.__qualname__
        test.__module__, test.__doc__ = shown.__module__, shown.__doc__
        setattr(test, _PROMISE, shown)
        setattr(shown, _SHAKES, shakes)
        return test

    return made


class Stage:
    """Begins everything that was asked for; each test waits for its own."""

    def __init__(
        self, wanted: Iterable[tuple[Promise, str]], servers: Servers, directory: Path
    ) -> None:
        self._stalls = Stalls()
        self._pool = ThreadPoolExecutor(len(DRIVERS) * (_AT_ONCE + 1))
        self._outcomes: dict[tuple[Promise, str], Future[None]] = {}
        self._stores: list[Store] = []
        self._absent: dict[str, BaseException] = {}
        wanted = list(wanted)
        self._all: list[Future[None]] = []
        for driver in DRIVERS:
            mine = [shown for shown, of in wanted if of == driver]
            if mine:
                self._begin(driver, mine, servers, directory)

    def outcome(self, shown: Promise, driver: str) -> None:
        if driver in self._absent:
            raise self._absent[driver]
        self._outcomes[shown, driver].result(_PATIENCE_S)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        for store in self._stores:
            store.close()
        self._stalls.stop()

    def _begin(self, driver: str, mine: list[Promise], servers: Servers, directory: Path) -> None:
        try:
            store = Store(driver, servers, directory)
        except (pytest.skip.Exception, pytest.fail.Exception) as absent:
            self._absent[driver] = absent
            return
        self._stores.append(store)
        for shown in mine:
            self._outcomes[shown, driver] = Future()
        self._pool.submit(self._show_all, store, mine)

    def _show_all(self, store: Store, mine: list[Promise]) -> None:
        """What shakes the server comes last, one after another."""
        quiet = [shown for shown in mine if not getattr(shown, _SHAKES)]
        with ThreadPoolExecutor(_AT_ONCE) as few:
            list(few.map(functools.partial(self._show, store), quiet))
        for shown in mine:
            if shown not in quiet:
                self._show(store, shown)

    def _show(self, store: Store, shown: Promise) -> None:
        outcome = self._outcomes[shown, store.driver]
        scene = Scene(store, self._stalls)
        try:
            try:
                shown(scene)
            finally:
                scene.close()
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(None)


def wanted_of(items: Iterable[pytest.Item], module: object) -> list[tuple[Promise, str]]:
    """The promises of the module that were asked for, each with its driver."""
    return [
        (getattr(item.function, _PROMISE), str(item.callspec.params["driver"]))
        for item in items
        if isinstance(item, pytest.Function)
        and item.module is module
        and hasattr(item.function, _PROMISE)
    ]
