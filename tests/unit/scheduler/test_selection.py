"""Second choices, and lists of instances that get hosts together or not at all."""

import json
import random
from typing import Any

from minicloud.db.claims import Pick
from minicloud.rpc.scheduler import Wanted
from minicloud.scheduler import plugins
from minicloud.scheduler.chooser import Chooser
from minicloud.scheduler.companions import Companions
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.select import Rules, ranked
from minicloud.scheduler.selection import Selection, fellows
from tests.options import defaults
from tests.unit.scheduler.choices import choose
from tests.unit.scheduler.hosts import request, table

_FLAVOR = {"vcpus": 1, "memory_mb": 512, "root_gb": 1, "ephemeral_gb": 0, "swap_mb": 0}


def _rules(**more: Any) -> Rules:
    conf = defaults()
    return Rules(
        plugins.load("filters", ["ComputeFilter", "RamFilter"], conf),
        plugins.load("weighers", ["RAMWeigher"], conf),
        **more,
    )


def _wanted(uuid: str, count: int = 1, **properties: Any) -> Wanted:
    whose = {"project_id": "p", "user_id": "u", "reservation_id": "r-1"}
    spec = {"instance_type": _FLAVOR, "instance_properties": whose, "num_instances": count}
    return Wanted(uuid, 1, None, spec, {"retry": {"num_attempts": 1, "hosts": []}, **properties})


def _select(hosts: HostTable, *wanted: Wanted, most: int = 3) -> list[Pick] | Refusal:
    no_groups = Companions(None, wanted)  # type: ignore[arg-type]
    selection = Selection(hosts, Chooser(_rules()), no_groups, _rules(), random.Random(1), most)
    return selection.picks(wanted)


def _free(*free_mb: int) -> HostTable:
    return table(*({"memory_mb_limit": free} for free in free_mb))


def test_the_next_best_follow_the_best() -> None:
    hosts = _free(1024, 4096, 2048, 256)

    assert ranked(hosts, request(), _rules(), random.Random(1), 2) == [1, 2]
    assert ranked(hosts, request(), _rules(), random.Random(1), 9) == [1, 2, 0]
    assert ranked(hosts, request(), _rules(), random.Random(1), 1) == [1]


def test_equals_are_second_choices_of_one_another_in_any_order() -> None:
    found = {
        tuple(ranked(_free(2048, 2048, 2048), request(), _rules(), random.Random(seed), 3))  # type: ignore[arg-type]
        for seed in range(60)
    }

    assert len(found) == 6
    assert all(sorted(each) == [0, 1, 2] for each in found)


def test_the_first_choice_is_the_same_with_and_without_others() -> None:
    for seed in range(20):
        hosts, rules = _free(2048, 2048, 4096, 4096), _rules(subset_size=3)
        alone = choose(hosts, request(), rules, random.Random(seed))

        assert ranked(hosts, request(), rules, random.Random(seed), 3)[0] == alone  # type: ignore[index]


def test_a_pick_carries_its_second_choices_each_with_its_own_record() -> None:
    picks = _select(_free(1024, 4096, 2048), _wanted("a"))

    assert isinstance(picks, list)
    [pick] = picks
    assert [pick.host, *(other.host for other in pick.alternates)] == ["h2", "h3", "h1"]
    assert pick.alternates[0].retry == {"num_attempts": 1, "hosts": [["h3", "n-h3"]]}
    assert pick.together is None


def test_those_asked_for_together_are_refused_together_and_leave_nothing_counted() -> None:
    hosts = _free(512, 512, 100)
    before = hosts.free_ram_mb.tolist(), hosts.num_instances.tolist(), hosts.num_io_ops.tolist()

    refusal = _select(hosts, *(_wanted(name, 3) for name in "abc"))

    assert isinstance(refusal, Refusal)
    assert refusal.counts == {"RamFilter": 3}
    assert (refusal.asked, refusal.found) == (3, 2)
    assert refusal.sentence.endswith(
        "refused by: RamFilter 3. 3 were asked for together; 2 would fit."
    )
    after = hosts.free_ram_mb.tolist(), hosts.num_instances.tolist(), hosts.num_io_ops.tolist()
    assert after == before


def test_those_asked_for_together_see_one_another() -> None:
    picks = _select(_free(1024, 512), *(_wanted(name, 3) for name in "abc"))

    assert isinstance(picks, list)
    assert sorted(pick.host for pick in picks) == ["h1", "h1", "h2"]
    assert {pick.together for pick in picks} == {"p r-1"}


def test_only_those_of_one_request_go_together() -> None:
    one, two, three, four = (
        _wanted("a", 2),
        _wanted("b"),
        _wanted("c"),
        _wanted("d", 2),
    )

    assert fellows([one, two, three, four]) == [[one, four], [two], [three]]


def test_what_many_are_told_together_is_bounded_as_what_a_few_are() -> None:
    for count in (1, 10, 500):
        hosts = _free(*[512] * (count - 1), *[100] * 200)
        wanted = [_wanted(f"i{number}", count) for number in range(count)]
        no_groups, rules = Companions(None, wanted), _rules()  # type: ignore[arg-type]
        chooser, dice = Chooser(rules), random.Random(1)
        selection = Selection(hosts, chooser, no_groups, rules, dice, is_sure=True)

        refusal = selection.picks(wanted)

        assert isinstance(refusal, Refusal)
        told = len(json.dumps(refusal.to_dict())) * count
        assert 1000 < told < 10 * 64 * 1024
