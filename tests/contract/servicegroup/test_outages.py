"""What each driver promises while its store is slow, away, or comes back with nothing in it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from minicloud.errors import CannotStart
from minicloud.servicegroup import stores
from minicloud.servicegroup.entry import Entry
from tests.contract.servicegroup.eyes import Eyes
from tests.contract.servicegroup.scene import Scene
from tests.contract.servicegroup.stage import promise
from tests.contract.servicegroup.test_conformance import NOTICED_S, assert_in_time

SLOW_S = 0.2  # each way
SOON_S = 20.0
STORES = ("redis", "mc", "etcd", "zk")


@promise()
def test_a_slow_store_takes_nobody_down_and_no_renewal_waits_for_it(scene: Scene) -> None:
    proxy = scene.proxy()
    eyes = scene.eyes(through=proxy)
    member = scene.member("host-1", through=proxy)
    began = eyes.sees({"host-1"})

    proxy.delay_s = SLOW_S
    scene.wait(3 * scene.ttl_s)

    assert eyes.saw_down("host-1", began) == []
    assert all(answer.alive is not None for answer in eyes.answers(began))
    assert member.slowest_renewal_s < SLOW_S + eyes.stalled_s(began)
    proxy.delay_s = 0.0
    assert_in_time(scene, eyes, "host-1", member.kill())


@promise()
def test_a_member_that_is_cut_off_is_down_after_its_ttl_and_comes_back_by_itself(
    scene: Scene,
) -> None:
    proxy, eyes = scene.proxy(), scene.eyes()
    member = scene.member("host-1", through=proxy)
    began = eyes.sees({"host-1"})
    proxy.cut()
    scene.wait(scene.ttl_s / 4)
    proxy.mend()
    scene.wait(scene.ttl_s)
    assert eyes.saw_down("host-1", began) == []

    for away in (proxy.cut, proxy.refuse):
        since = scene.now()
        away()
        assert_in_time(scene, eyes, "host-1", since)
        proxy.mend()
        eyes.sees_back("host-1", scene.now())
    assert_in_time(scene, eyes, "host-1", member.kill())


def reader_away(
    scene: Scene, away: Callable[[], None], mend: Callable[[], None], eyes: Eyes
) -> None:
    """It believes what it has seen last, and afterwards sees what is."""
    living, victim = scene.member("living"), scene.member("victim")
    began = eyes.sees({"living", "victim"})

    away()
    killed = victim.kill()
    scene.wait(1.5 * scene.ttl_s)
    mend()
    mended = scene.now()

    eyes.sees_gone("victim", killed)
    scene.wait(scene.ttl_s)
    assert eyes.saw_down("living", began) == []
    assert eyes.sees_gone("victim", mended) - mended < scene.ttl_s + SOON_S
    assert_in_time(scene, eyes, "living", living.kill())


@promise()
def test_a_reader_that_is_cut_off_believes_what_it_saw_last(scene: Scene) -> None:
    proxy = scene.proxy()

    reader_away(scene, proxy.cut, proxy.mend, scene.eyes(through=proxy))


@promise()
def test_a_reader_that_is_refused_believes_what_it_saw_last(scene: Scene) -> None:
    proxy = scene.proxy()

    reader_away(scene, proxy.refuse, proxy.mend, scene.eyes(through=proxy))


@promise(*STORES)
def test_a_reader_says_that_it_cannot_read_and_that_it_can_again(scene: Scene) -> None:
    proxy = scene.proxy()
    eyes = scene.eyes(through=proxy)
    scene.member("host-1")
    eyes.sees({"host-1"})
    assert eyes.group.store().away_s is None

    proxy.refuse()
    scene.until(lambda: eyes.group.store().away_s is not None)

    assert eyes.group.store().trouble
    proxy.mend()
    scene.until(lambda: eyes.group.store().away_s is None)


@promise(*STORES)
def test_a_store_that_is_not_there_at_the_start_is_told_in_one_line(scene: Scene) -> None:
    """And when it is there, what starts then sees everybody."""
    proxy = scene.proxy()
    proxy.refuse()
    scene.member("host-1")

    for start in (lambda: scene.reader(through=proxy), lambda: scene.hold(through=proxy)):
        began = scene.now()
        with pytest.raises(CannotStart) as told:
            start()
        assert scene.now() - began < SOON_S
        assert f":{proxy.port}" in str(told.value)
        assert scene.store.server.password not in str(told.value)
    proxy.mend()
    scene.eyes(through=proxy).sees({"host-1"})


@contextmanager
def restarted(scene: Scene) -> Iterator[None]:
    scene.store.kill()
    try:
        yield
        scene.wait(scene.ttl_s / 4)
    finally:
        scene.store.start()


@contextmanager
def paused(scene: Scene) -> Iterator[None]:
    scene.store.pause()
    try:
        yield
        scene.wait(1.5 * scene.ttl_s)
    finally:
        scene.store.resume()


@contextmanager
def emptied(scene: Scene) -> Iterator[None]:
    yield
    scene.store.empty()


def shaken(scene: Scene, outage: Callable[[Scene], AbstractContextManager[None]]) -> None:
    """Nobody who lives is called down; who died meanwhile is, and who dies afterwards in time."""
    eyes, second = scene.eyes(), scene.eyes()
    living, victim, last = (scene.member(name) for name in ("living", "victim", "last"))
    began = max(looks.sees({"living", "victim", "last"}) for looks in (eyes, second))

    with outage(scene):
        killed = victim.kill()
    over = scene.now()

    for looks in (eyes, second):
        gone = looks.sees_gone("victim", killed)
        assert gone - over <= 2 * scene.ttl_s + NOTICED_S + looks.stalled_s(over)
    scene.wait(scene.ttl_s)
    for looks in (eyes, second):
        assert looks.saw_down("living", began) == []
        assert looks.saw_down("last", began) == []
    assert_in_time(scene, eyes, "last", last.kill())
    assert living.slowest_renewal_s < scene.ttl_s / 4 + eyes.stalled_s(began)


@promise(shakes=True)
def test_a_store_that_is_killed_and_started_again_takes_nobody_down(scene: Scene) -> None:
    shaken(scene, restarted)


@promise(shakes=True)
def test_a_store_that_is_paused_takes_nobody_down(scene: Scene) -> None:
    shaken(scene, paused)


@promise(*STORES, shakes=True)
def test_a_store_that_forgets_everything_takes_nobody_down(scene: Scene) -> None:
    shaken(scene, emptied)


@promise(*STORES, shakes=True)
def test_who_is_back_first_does_not_hide_that_everything_was_forgotten(scene: Scene) -> None:
    conf = scene.place().conf()
    first, second, reader = (stores.connect(conf) for _ in range(3))
    ours = {name: Entry({name: 1}, name, name) for name in ("host-1", "host-2")}
    first.claim(scene.group, "host-1", ours["host-1"])
    second.claim(scene.group, "host-2", ours["host-2"])
    before = reader.read(scene.group)

    scene.store.empty()
    lost = first.refresh(scene.group, "host-1", ours["host-1"], scene.ttl_s)
    first.claim(scene.group, "host-1", ours["host-1"], anew=False)
    after = reader.read(scene.group)

    assert lost is None
    assert set(before.members) == {"host-1", "host-2"}
    assert set(after.members) == {"host-1"}
    assert after.mark != before.mark
    for store in (first, second, reader):
        store.close()
