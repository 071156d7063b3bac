"""What each driver promises while its store is well, shown with real stores and real processes."""

import signal
from datetime import timedelta

from minicloud.conf.servicegroup import flush_interval_s
from tests.contract.servicegroup.eyes import Eyes
from tests.contract.servicegroup.member import JumpingClock
from tests.contract.servicegroup.scene import Scene
from tests.contract.servicegroup.stage import promise

AT_ONCE_S = 1.0  # as old as what a reader has seen may be when it is asked
NOTICED_S = 1.0  # after the ttl
LEASES, HOSTS_EACH = 10, 100
HOUR_S = 3600.0
LONG_TTL_S = 120.0


def assert_in_time(scene: Scene, eyes: Eyes, name: str, since: float) -> None:
    """It was no longer told as living when its ttl was over, and a second later at most."""
    took_s = eyes.sees_gone(name, since) - since
    assert took_s <= scene.ttl_s + NOTICED_S + eyes.stalled_s(since)


@promise()
def test_who_joins_is_seen_by_others(scene: Scene) -> None:
    first, second, began = scene.eyes(), scene.eyes(), scene.now()

    scene.member("host-1")
    scene.member("host-2")

    for eyes in (first, second):
        eyes.sees({"host-1", "host-2"})
        assert eyes.group.service_is_up("host-1", scene.group)
        assert eyes.group.down(scene.group) == set()
        assert eyes.group.known(scene.group) == {"host-1", "host-2"}
        assert eyes.group.updated_time("host-1", scene.group) is not None
        standing = eyes.group.standings(scene.group)["host-1"]
        assert standing.up
        assert standing.age_s is not None
        assert standing.age_s < scene.ttl_s + NOTICED_S + eyes.stalled_s(began)


@promise()
def test_groups_are_apart(scene: Scene) -> None:
    eyes, other = scene.eyes(), f"{scene.group}-other"

    scene.member("host-1")
    eyes.sees({"host-1"})

    assert eyes.group.get_all(other) == set()
    assert eyes.group.get_one(other) is None
    assert not eyes.group.service_is_up("host-1", other)


@promise()
def test_who_leaves_is_gone_at_once_and_stays_so(scene: Scene) -> None:
    eyes = scene.eyes()
    leaving, _staying = scene.member("leaving"), scene.member("staying")
    began = eyes.sees({"leaving", "staying"})

    left = leaving.told("leave")

    assert eyes.sees_gone("leaving", left) - left <= AT_ONCE_S + eyes.stalled_s(left)
    leaving.told("renew", True)
    scene.wait(scene.ttl_s)
    assert eyes.sees({"staying"})
    assert eyes.group.get_all(scene.group) == {"staying"}
    assert eyes.saw_down("staying", began) == []


@promise()
def test_who_is_killed_is_gone_when_its_ttl_is_over_and_not_before(scene: Scene) -> None:
    eyes = scene.eyes()
    victims = [scene.member(f"victim-{number}") for number in range(3)]
    scene.member("neighbour")
    began = eyes.sees({"neighbour", *(victim.name for victim in victims)})

    for victim in victims:
        killed = victim.kill()
        scene.wait(scene.ttl_s / 2)  # the last renewal was a moment before it was killed
        assert eyes.saw_down(victim.name, killed) == []
        assert_in_time(scene, eyes, victim.name, killed)

    assert eyes.group.down(scene.group) == {victim.name for victim in victims}
    assert eyes.group.lately(scene.group) >= {victims[-1].name}
    assert not eyes.group.standings(scene.group)["victim-0"].up
    assert eyes.saw_down("neighbour", began) == []


@promise()
def test_who_restarts_takes_over_its_own_place_at_once(scene: Scene) -> None:
    eyes = scene.eyes()
    first = scene.member("host-1", epoch=1)
    eyes.sees({"host-1"})

    killed = first.kill()
    second = scene.member("host-1", epoch=2)
    joined = eyes.sees_back("host-1", scene.now() + AT_ONCE_S)

    scene.wait(2 * scene.ttl_s)
    was_quick = joined - killed < scene.ttl_s  # else the old ttl was over before it had started
    assert eyes.saw_down("host-1", killed if was_quick else joined) == []
    assert_in_time(scene, eyes, "host-1", second.kill())


@promise()
def test_who_restarts_does_not_wait_for_its_old_ttl(scene: Scene) -> None:
    scene.ttl_s = LONG_TTL_S
    first = scene.member("host-1", epoch=1)

    killed = first.kill()
    second = scene.start("host-1", epoch=2)

    assert second.says("joined", "waits", "taken", "failed", "ended") == ("joined", "")
    assert scene.now() - killed < LONG_TTL_S / 2


@promise()
def test_who_stops_renewing_is_down_though_its_process_lives(scene: Scene) -> None:
    eyes, hung = scene.eyes(), scene.member("hung")
    eyes.sees({"hung"})

    stopped = hung.told("renew", False)

    assert_in_time(scene, eyes, "hung", stopped)
    eyes.sees_back("hung", hung.told("renew", True))


@promise()
def test_a_process_that_is_paused_is_down_and_comes_back_by_itself(scene: Scene) -> None:
    eyes, paused = scene.eyes(), scene.member("paused")
    eyes.sees({"paused"})

    stopped = paused.send(signal.SIGSTOP)

    assert_in_time(scene, eyes, "paused", stopped)
    eyes.sees_back("paused", paused.send(signal.SIGCONT))
    assert_in_time(scene, eyes, "paused", paused.kill())


@promise("redis", "mc", "etcd", "zk")
def test_of_two_of_one_name_the_later_epoch_wins_and_the_other_is_told(scene: Scene) -> None:
    eyes = scene.eyes()
    older = scene.member("host-1", epoch=1)
    began = eyes.sees({"host-1"})

    newer = scene.member("host-1", epoch=2)

    assert older.says("lost")[1]
    older.told("leave")
    scene.wait(1.5 * scene.ttl_s)
    assert eyes.saw_down("host-1", began) == []
    assert_in_time(scene, eyes, "host-1", newer.kill())


@promise("redis", "mc", "etcd", "zk")
def test_an_older_epoch_is_refused_while_the_later_one_lives(scene: Scene) -> None:
    eyes = scene.eyes()
    scene.member("host-1", epoch=2)
    began = eyes.sees({"host-1"})

    older = scene.start("host-1", epoch=1)

    assert "host-1" in older.says("taken")[1]
    scene.wait(scene.ttl_s)
    assert eyes.saw_down("host-1", began) == []


@promise()
def test_forced_down_is_down_whatever_is_heard_and_disabled_is_up(scene: Scene) -> None:
    eyes = scene.eyes()
    for name in ("forced", "disabled", "third"):
        scene.member(name)
    eyes.sees({"forced", "disabled", "third"})

    scene.mark("forced", forced_down=True)
    scene.mark("disabled", disabled=True)

    group = eyes.group
    assert group.get_all(scene.group) == {"disabled", "third"}
    assert group.down(scene.group) == {"forced"}
    assert group.lately(scene.group) == set()
    assert not group.standings(scene.group)["forced"].up
    assert group.service_is_up("disabled", scene.group)
    scene.mark("forced", forced_down=False)
    assert group.service_is_up("forced", scene.group)


@promise()
def test_who_watches_is_told_of_joins_and_leaves_once_each_and_in_order(scene: Scene) -> None:
    eyes, told = scene.eyes(), list[str]()
    first = scene.member("first")
    eyes.sees({"first"})
    end = eyes.group.watch(
        scene.group, lambda name: told.append(f"+{name}"), lambda name: told.append(f"-{name}")
    )

    second = scene.member("second")
    scene.until(lambda: told == ["+second"])
    first.told("leave")
    scene.until(lambda: len(told) == 2)
    second.kill()
    scene.until(lambda: len(told) == 3)
    scene.member("first")
    scene.until(lambda: len(told) == 4)
    end()
    scene.member("unwatched")
    eyes.sees({"first", "unwatched"})
    scene.wait(AT_ONCE_S)

    assert told == ["+second", "-first", "-second", "+first"]


@promise()
def test_any_member_that_is_alive_may_be_the_one(scene: Scene) -> None:
    eyes, names = scene.eyes(), {"host-1", "host-2", "host-3"}
    members = {name: scene.member(name) for name in sorted(names)}
    eyes.sees(names)

    before = {eyes.group.get_one(scene.group) for _ in range(100)}
    eyes.sees_gone("host-2", members["host-2"].told("leave"))
    after = {eyes.group.get_one(scene.group) for _ in range(100)}

    assert before == names
    assert after == names - {"host-2"}


@promise()
def test_a_thousand_members_in_ten_leases_are_all_seen(scene: Scene) -> None:
    eyes = scene.eyes()
    agents = {
        f"agent-{agent}": {f"node-{agent}-{number}" for number in range(HOSTS_EACH)}
        for agent in range(LEASES)
    }
    everyone = set().union(*agents.values())
    scene.enlist(everyone)

    held = {name: scene.lease(name, sorted(hosts)) for name, hosts in agents.items()}
    began = eyes.sees(everyone)
    held.pop("agent-3").end()

    eyes.sees(everyone - agents["agent-3"])
    scene.wait(scene.ttl_s)
    for name in ("node-0-0", "node-9-99"):
        assert eyes.saw_down(name, began) == []
    assert eyes.group.get_all(scene.group) == everyone - agents["agent-3"]


@promise()
def test_a_program_that_joins_two_groups_is_seen_in_both(scene: Scene) -> None:
    eyes, other = scene.eyes(), f"{scene.group}-other"
    program = scene.reader()

    program.join("control", scene.group)
    program.join("control", other)
    scene.repeat(program.beat, flush_interval_s(scene.place().conf()))

    began = eyes.sees({"control"})
    scene.wait(scene.ttl_s)
    scene.until(lambda: eyes.group.get_all(other) == {"control"})
    program.leave("control", other)
    scene.until(lambda: eyes.group.get_all(other) == set())
    scene.wait(scene.ttl_s)
    assert eyes.saw_down("control", began) == []


@promise()
def test_a_group_outlives_its_members(scene: Scene) -> None:
    eyes = scene.eyes()
    scene.enlist(["host-1"])
    with scene.onlooker() as groups:
        eyes.sees_gone("host-1", scene.member("host-1").told("leave"))

        assert scene.group in groups()
    assert eyes.group.known(scene.group) == {"host-1"}


@promise()
def test_a_clock_that_is_set_an_hour_on_or_back_changes_nothing(scene: Scene) -> None:
    clock = JumpingClock()
    eyes, jumping = scene.eyes(clock=clock), scene.eyes()
    member, other = scene.member("jumps"), scene.member("stays")
    began = jumping.sees({"jumps", "stays"})
    eyes.sees({"jumps", "stays"})

    for ahead_s in (HOUR_S, -HOUR_S):
        member.told("jump", ahead_s)
        scene.wait(scene.ttl_s)
        clock.ahead = timedelta(seconds=ahead_s)
        scene.wait(scene.ttl_s)

    for look in (eyes, jumping):
        assert look.saw_down("jumps", began) == []
        assert look.saw_down("stays", began) == []
    killed, other_killed = member.kill(), other.kill()
    assert_in_time(scene, eyes, "jumps", killed)
    assert_in_time(scene, jumping, "stays", other_killed)
