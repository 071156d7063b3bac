"""What runs on the hosts, and what is chosen by it: TypeAffinityFilter, ImagePropertiesWeigher."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from minicloud.scheduler import plugins
from minicloud.scheduler.contents import Contents, Server
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, Weighed, weighed
from tests.options import defaults
from tests.unit.scheduler.hosts import table

LINUX, WINDOWS = {"os_distro": "linux"}, {"os_distro": "windows"}
PC, Q35 = {"hw_machine_type": "pc"}, {"hw_machine_type": "q35"}


def server(host: str, flavor: str = "1", **properties: Any) -> Server:
    return Server.of(host, {"flavorid": flavor}, {"properties": properties})


def asked(flavor: str = "1", uuid: str = "new", **properties: Any) -> Request:
    sizes = {"vcpus": 1, "memory_mb": 64, "root_gb": 1, "ephemeral_gb": 0, "swap_mb": 0}
    spec = {
        "instance_type": {**sizes, "flavorid": flavor},
        "image": {"properties": properties},
    }
    return Request.of(uuid, spec, {})


def hosts(count: int, servers: Sequence[Server] = ()) -> HostTable:
    made = table(*[{}] * count, contents=Contents(is_kept=True))
    for number, one in enumerate(servers):
        made.contents.put(f"u{number}", one)
    return made


def rules(weighers: Sequence[str] = (), filters: Sequence[str] = (), **options: Any) -> Rules:
    conf = defaults()
    for name, value in options.items():
        conf.set_override(name, value, "filter_scheduler")
    return Rules(plugins.load("filters", filters, conf), plugins.load("weighers", weighers, conf))


def by_image(fleet: HostTable, wanted: Request, **options: Any) -> Weighed:
    settings = {"image_props_weight_multiplier": 1.0, **options}
    (found,) = weighed(
        fleet, wanted, rules(["ImagePropertiesWeigher"], **settings), np.arange(len(fleet))
    )
    return found


NOVAS = [
    server("h1", **WINDOWS, **Q35),
    server("h2", **WINDOWS, **PC),
    server("h3", **LINUX, **PC),
    server("h3", **LINUX, **Q35),
    server("h4", **LINUX, **Q35),
]


@pytest.mark.parametrize(
    ("setting", "raw", "normalised"),
    [
        ([], [0, 1, 3, 1], [0, 1 / 3, 1, 1 / 3]),
        (["os_distro=1", "hw_machine_type=0"], [0, 0, 2, 1], [0, 0, 1, 0.5]),
        (["os_distro=10"], [0, 0, 20, 10], [0, 0, 1, 0.5]),
        (["another=1"], [0, 0, 0, 0], [0, 0, 0, 0]),
    ],
)
def test_every_server_counts_what_its_image_has_in_common(
    setting: list[str], raw: list[float], normalised: list[float]
) -> None:
    found = by_image(hosts(4, NOVAS), asked(**LINUX, **PC), image_props_weight_setting=setting)

    assert (found.raw.tolist(), found.normalised.tolist()) == (raw, normalised)


def test_images_are_alike_that_say_the_same_by_another_word() -> None:
    there = [server("h1", hw_architecture="amd64"), server("h2", hw_architecture="i686")]

    found = by_image(hosts(2, there), asked(hw_architecture="x86_64"))

    assert found.raw.tolist() == [1, 0]


def test_a_negative_multiplier_spreads_like_images() -> None:
    found = by_image(hosts(4, NOVAS), asked(**LINUX), image_props_weight_multiplier=-2.0)

    assert found.weighted.tolist() == [0, 0, -2, -1]


def test_properties_are_compared_as_texts() -> None:
    fleet = hosts(2, [server("h2", hw_cpu_sockets=2)])

    assert by_image(fleet, asked(hw_cpu_sockets="2")).raw.tolist() == [0, 1]


def test_with_the_option_at_nothing_aggregates_turn_nothing_on_and_nothing_is_read() -> None:
    fleet = table({}, {}, aggregates={"h1": [{"image_props_weight_multiplier": "5"}]})
    off = rules(["ImagePropertiesWeigher"])

    assert weighed(fleet, asked(**LINUX), off, np.arange(2)) == []
    assert not off.want_contents
    assert rules(["ImagePropertiesWeigher"], image_props_weight_multiplier=1.0).want_contents


def _passing(fleet: HostTable, wanted: Request) -> list[bool]:
    ((_name, filter_),) = rules(filters=["TypeAffinityFilter"]).filters
    return [bool(each) for each in filter_.passes(fleet, wanted)]


def test_a_host_has_servers_of_one_flavor_only() -> None:
    fleet = hosts(4, [server("h1", "1"), server("h2", "2"), server("h3", "1"), server("h3", "2")])

    assert _passing(fleet, asked("1")) == [True, False, False, True]
    assert _passing(fleet, asked("2")) == [False, True, False, True]
    assert rules(filters=["TypeAffinityFilter"]).want_contents


def test_a_server_that_is_resized_is_not_in_its_own_way() -> None:
    fleet = hosts(2, [server("h1", "1"), server("h2", "1")])  # u0 and u1

    assert _passing(fleet, asked("2", uuid="u0")) == [True, False]
    assert _passing(fleet, asked("1", uuid="u0")) == [True, True]


def test_the_filter_tells_how_many_others_there_are() -> None:
    ((_name, filter_),) = rules(filters=["TypeAffinityFilter"]).filters
    fleet = hosts(1, [server("h1", "2"), server("h1", "3"), server("h1", "1")])

    found = filter_.measured(fleet, asked("1"), 0)

    assert found == ("no server of another flavor", "2 of other flavors")


def test_who_is_chosen_counts_for_those_that_come_after() -> None:
    fleet = hosts(2)

    fleet.take(0, asked("1", "a"))
    fleet.take(1, asked("2", "b"))
    fleet.untake(1, asked("2", "b"))

    assert _passing(fleet, asked("2")) == [False, True]


def counts(contents: Contents, fleet: HostTable) -> Mapping[str, list[int]]:
    return {
        "all": fleet.per_host(contents.servers).tolist(),
        "1": fleet.per_host(contents.of_flavor("1")).tolist(),
        "linux": fleet.per_host(contents.with_property("os_distro", "linux")).tolist(),
    }


def test_counts_follow_what_the_books_tell() -> None:
    fleet = hosts(3)
    contents = fleet.contents

    contents.put("a", server("h1", **LINUX))
    contents.put("b", server("h1", "2"))
    assert counts(contents, fleet) == {"all": [2, 0, 0], "1": [1, 0, 0], "linux": [1, 0, 0]}
    contents.put("a", server("h3", **LINUX))
    contents.put("b", None)
    assert counts(contents, fleet) == {"all": [0, 0, 1], "1": [0, 0, 1], "linux": [0, 0, 1]}
    contents.put("a", None)
    assert counts(contents, fleet) == {"all": [0] * 3, "1": [0] * 3, "linux": [0] * 3}


def test_a_guess_ends_when_the_books_tell_the_same_or_all_are_forgotten() -> None:
    fleet = hosts(2)
    contents = fleet.contents
    contents.guess("a", server("h1"))
    contents.guess("b", server("h2"))

    contents.put("a", None)  # read before it was placed
    assert fleet.per_host(contents.servers).tolist() == [1, 1]
    contents.put("a", server("h1"))
    assert fleet.per_host(contents.servers).tolist() == [1, 1]
    contents.forget_guesses()
    assert fleet.per_host(contents.servers).tolist() == [1, 0]


def test_a_server_that_moves_counts_at_both_ends_until_it_is_there() -> None:
    fleet = hosts(2, [server("h1")])  # u0
    contents = fleet.contents

    contents.guess("u0", server("h2"))
    contents.put("u0", server("h1"))
    assert fleet.per_host(contents.servers).tolist() == [1, 1]
    contents.put("u0", server("h2"))
    assert fleet.per_host(contents.servers).tolist() == [0, 1]


def test_a_copy_is_changed_by_itself() -> None:
    fleet = hosts(2, [server("h1", **LINUX)])
    other = fleet.copy()

    other.take(1, asked("1", "x", **LINUX))
    fleet.contents.put("u0", None)

    assert counts(other.contents, other) == {"all": [1, 1], "1": [1, 1], "linux": [1, 1]}
    assert counts(fleet.contents, fleet) == {"all": [0, 0], "1": [0, 0], "linux": [0, 0]}


def test_a_host_that_joins_later_is_counted_too() -> None:
    fleet = hosts(1, [server("h1"), server("h2")])
    assert fleet.per_host(fleet.contents.servers).tolist() == [1]

    fleet.update([HostFacts("h2", "n", "agent", {})])

    assert fleet.per_host(fleet.contents.servers).tolist() == [1, 1]
