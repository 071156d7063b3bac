"""What a scheduler told, on a terminal: all of it is there, and none of it is too wide."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from minicloud.cmd import explained

_GIVEN = {"RAMWeigher": (1.0, 97792.0), "CPUWeigher": (0.5, 128.0), "IoOpsWeigher": (0.0, 0.0)}


def _accepted(host: str, total: float, given: Any = None) -> dict[str, Any]:
    scores = [
        {"weigher": name, "raw": raw, "normalised": share, "multiplier": 1.0, "weighted": share}
        for name, (share, raw) in (given or _GIVEN).items()
    ]
    return {"host": host, "node": host, "total": total, "scores": scores}


def _told(**changes: Any) -> dict[str, Any]:
    refused: dict[str, Any] = {"host": "node7", "node": "node7", "reason": "RamFilter"}
    refused |= {"wanted": "8192 MB", "available": "512 MB"}
    why: dict[str, Any] = {
        "hosts": 3,
        "accepted": 2,
        "counts": {"RamFilter": 1},
        "refused": [refused],
        "best": [_accepted("node1", 1.5), _accepted("node2", 1.0, {"RAMWeigher": (0.0, 1.0)})],
    }
    why["best"][1]["scores"] += _accepted("", 0)["scores"][1:]
    fits: dict[str, Any] = {
        "by_room": 17,
        "exact": True,
        "at_most": None,
        "by_quota": 8,
        "more_hosts": 0,
    }
    fits["hosts"] = [{"host": "node1", "count": 9}, {"host": "node2", "count": 8}]
    told = {
        "count": 1,
        "hosts": ["node1"],
        "equally_good": ["node1"],
        "more_equally_good": 0,
        "refused": None,
        "explanation": why,
        "fits": fits,
    }
    return told | changes


def _shown(told: dict[str, Any], width: int = 80, encoding: str = "utf-8") -> str:
    file = StringIO()
    console = Console(file=file, width=width, highlight=False)
    console._encoding = encoding  # type: ignore[attr-defined]
    console.print(explained.what_if(told, "m1.small", "cirros", console))
    return file.getvalue()


def _line(text: str, beginning: str) -> list[str]:
    (found,) = (line.split() for line in text.splitlines() if line.strip().startswith(beginning))
    return found


def test_each_host_is_told_with_what_each_weigher_gave_it() -> None:
    text = _shown(_told())

    assert _line(text, "host   weight") == ["host", "weight", "RAM", "CPU"]
    assert _line(text, "->")[:4] == ["->", "node1", "████████████", "+1.50"]
    assert _line(text, "->")[4:] == ["+1.00", "(97792)", "+0.50", "(128)"]
    assert _line(text, "node2")[1:] == ["████████", "+1.00", "+0.00", "(1)", "+0.50", "(128)"]


def test_a_refused_host_is_told_with_what_was_wanted_and_what_there_is() -> None:
    words = _line(_shown(_told()), "node7")

    assert words == ["node7", "RamFilter", "8192", "MB", "512", "MB"]


def test_the_bars_of_the_reasons_are_as_long_as_there_are_hosts() -> None:
    text = _shown(_told())

    assert _line(text, "accepted") == ["accepted", "2", "█" * 30]
    assert _line(text, "RamFilter") == ["RamFilter", "1", "█" * 15]


def test_how_many_more_fit_is_told_for_each_host_and_beside_the_quota() -> None:
    last = _shown(_told())

    assert "17 more of m1.small fit: 9 on node1, 8 on node2" in last
    assert "the project's quota lets 8 be made" in last


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"exact": False}, "at least 17 more"),
        ({"at_most": 20}, "17 to 20 more"),
        ({"by_room": 0, "hosts": []}, "0 more of m1.small fit "),
        ({"by_room": 1}, "1 more of m1.small fits:"),
        ({"by_quota": 0}, "lets none be made"),
        ({"more_hosts": 3}, "the others on 3 hosts more"),
    ],
)
def test_the_number_that_fits_is_told_as_well_as_it_is_known(
    changes: dict[str, Any], words: str
) -> None:
    told = _told()
    told["fits"] |= changes

    assert words in _shown(told).replace("\n", " ")


def test_a_refusal_is_told_by_its_reasons() -> None:
    refused = {"hosts": 3, "counts": {"RamFilter": 2, "ComputeFilter": 1}, "asked": 2, "found": 1}
    told = _told(hosts=[], equally_good=[], refused=refused)

    text = _shown(told)

    assert "refused: RamFilter 2, ComputeFilter 1; 1 of 2 would have had a host" in text
    assert "would go to" not in text


def test_hosts_that_are_as_good_are_marked_and_named() -> None:
    text = _shown(_told(equally_good=["node1", "node2"]))

    assert _line(text, "=")[1] == "node2"
    assert "would go to node1; as good: node2" in text


def test_equally_good_hosts_that_are_not_named_are_counted() -> None:
    names = [f"node{n}" for n in range(1, 9)]

    text = _shown(_told(equally_good=names, more_equally_good=9_000), width=120)

    assert "as good: node2, node3, node4, node5, node6 and 9002 more" in text


def test_a_quota_for_less_than_was_asked_for_is_told_as_too_small() -> None:
    assert "the project's quota lets only 8 be made" in _shown(_told(count=9))
    assert "the project's quota lets 8 be made" in _shown(_told(count=8))


def _explained(host: str) -> str:
    """Of a server that is on `host`, while another host was drawn."""
    server = {"name": "vm", "status": "ACTIVE", "flavor": {"original_name": "m1.small"}}
    now = _told(equally_good=["node1", "node2"], server={"host": host})
    file = StringIO()
    console = Console(file=file, width=80, highlight=False)
    console.print(explained.of_server(server, {"outcome": "placed"}, now, console, 20))
    return file.getvalue()


def test_a_server_that_is_among_the_best_hosts_is_shown_where_it_is() -> None:
    text = _explained("node2")

    assert _line(text, "->")[1] == "node2"
    assert "it is on node2, and would go there again (node1 would do as well)" in text


def test_a_server_that_is_not_there_is_shown_where_it_would_go() -> None:
    text = _explained("node7")

    assert _line(text, "->")[1] == "node1"
    assert "it is on node7, and would go to node1, node2 now" in text


def test_several_on_one_host_are_counted() -> None:
    text = _shown(_told(count=3, hosts=["node1", "node2", "node1"]))

    assert _line(text, "2x")[1] == "node1"
    assert "3 m1.small would go to node1 (2), node2 (1)" in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    many = {f"Number{n}Weigher": (n / 10, 10.0**n) for n in range(12)}
    told = _told()
    told["explanation"]["best"] = [_accepted("a" * 20, 2.0, many), _accepted("b", 1.0, many)]

    lines = _shown(told, width).splitlines()

    assert max(map(len, lines)) <= width


def test_what_is_not_shown_of_a_thousand_hosts_is_counted() -> None:
    told = _told()
    told["explanation"] |= {"hosts": 1000, "accepted": 900, "counts": {"RamFilter": 100}}

    text = _shown(told)

    assert "and 898 more: --limit N shows more, the best first\n" in text
    assert "and 99 more refused: --limit N shows more\n" in text
    assert len(text.splitlines()) < 30


def test_names_are_shown_as_they_are() -> None:
    told = _told(hosts=["[red]x[/]"])
    told["explanation"]["best"][0]["host"] = "[red]x[/]"

    assert _line(_shown(told), "->")[1] == "[red]x[/]"


def test_an_empty_cloud_has_no_hosts_to_tell_of() -> None:
    why = {"hosts": 0, "accepted": 0, "counts": {}, "refused": [], "best": []}
    refused = {"hosts": 0, "counts": {}, "asked": 1, "found": 0}
    told = _told(hosts=[], equally_good=[], refused=refused, explanation=why)

    assert "refused: there are no hosts" in _shown(told)


def test_colours_are_for_terminals_only() -> None:
    assert "\x1b" not in _shown(_told())
