"""The hint `query`, by the vectors of SEMANTICS section 9 and against a plain reading."""

from typing import Any

import orjson
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from minicloud.scheduler.evaluation import Evaluation
from minicloud.scheduler.json_query import (
    MAX_ARGUMENTS,
    MAX_DEPTH,
    BadQuery,
    hosts_of,
    parsed,
)
from tests.unit.scheduler.hosts import table
from tests.unit.scheduler.plain_rules import said

_HOST = {"memory_mb_limit": 2048, "disk_gb_limit": 200}


def _says(query: Any, not_is_list: bool = False) -> bool:
    hosts = table(_HOST)
    (said,) = Evaluation(hosts, not_is_list).mask(parsed(orjson.dumps(query).decode())).tolist()
    return bool(said)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (["and", [">=", "$free_ram_mb", 1024], [">=", "$free_disk_mb", 204800]], True),
        (["not", [">", "$free_ram_mb", 1024]], False),
        (["or", ["not", ["=", "$host", "h1"]]], False),
        (["and", ["not", [">", "$free_ram_mb", 1024]], ["=", "$host", "h1"]], False),
        (["in", "$host", "h1", "h2"], True),
        (["in", "h1", "$host"], True),
        (["=", "$host"], False),
        (["=", "$nope", 1], False),
        (["=", "$nope", 1, 1], True),
        (["<", 1, 2, 3], True),
        (["<", 2, 1, 3], False),
        (["not", True, False], True),
        (["not"], False),
        (["and"], True),
        (["or"], False),
        ([], True),
        ({}, True),
        (["and", "yes"], True),
        (["or", "", 0], False),
        (["and", ""], True),
        ([">=", "$host", ""], False),
        (["<", "$host", 3], False),
        (["=", None, 1], False),
        (["=", "$free_ram_mb", 2048.0], True),
        (["=", "$host.deeper", "h1"], False),
    ],
)
def test_a_query_says_what_it_says_in_nova_and_not_means_not(query: Any, expected: bool) -> None:
    assert _says(query) is expected


def test_not_may_be_a_list_as_in_nova() -> None:
    assert _says(["or", ["not", ["=", "$host", "h1"]]], not_is_list=True)
    assert _says(["and", ["not", [">", "$free_ram_mb", 1024]]], not_is_list=True)
    assert not _says(["not", [">", "$free_ram_mb", 1024]], not_is_list=True)


@pytest.mark.parametrize(
    "text",
    ["[", "5", '"text"', '["like", 1]', "[1]", "[[]]", '[["="]]', "null and void", '{"a": 1}'],
)
def test_what_is_no_query_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(BadQuery, match="query"):
        parsed(text)


def test_a_query_is_neither_deep_nor_long() -> None:
    deep: Any = ["and"]
    for _ in range(MAX_DEPTH):
        deep = ["not", deep]
    wide = ["in", "$host", *range(MAX_ARGUMENTS)]

    for query in (deep, wide, ["and", ["or", *range(MAX_ARGUMENTS)], 1, 2]):
        with pytest.raises(BadQuery, match="query"):
            parsed(orjson.dumps(query).decode())
    with pytest.raises(BadQuery):
        parsed("[" * 100_000)


_WORDS = ["$free_ram_mb", "$num_instances", "$host", "$arch", "$cpu_info.n", "$nope"]
_WORDS += ["$nodename", "$hypervisor_hostname", "$host_ip", "$cpu_info.list", "$cpu_info.word"]
_leaves = (
    st.sampled_from(_WORDS)
    | st.integers(-1, 3)
    | st.sampled_from(["h1", "h2", "x86", "", None, True, False, 1.5, 2**64 - 1, {"a": 1}, "n-h"])
)
_queries = st.recursive(
    _leaves,
    lambda inner: st.builds(
        lambda name, arguments: [name, *arguments],
        st.sampled_from(["and", "or", "not", "in", "=", "<", ">", "<=", ">="]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
).filter(lambda query: isinstance(query, list))


_KINDS: list[dict[str, Any]] = [
    {"arch": "x86", "cpu_info": {"n": 1, "list": ["h1"], "word": "h2"}},
    {"arch": None, "cpu_info": {"list": [], "word": ""}},
    {},
]
_FACTS: list[dict[str, int]] = [{"memory_mb_limit": 2, "num_instances": 1}, {"memory_mb_limit": 0}]


@settings(max_examples=400)
@given(query=_queries, wide=st.lists(st.integers(0, 3) | st.sampled_from(["h1", "n-h2"])))
def test_columns_say_what_each_host_would(query: Any, wide: list[Any]) -> None:
    hosts = table(*_FACTS, {}, kinds={f"h{n + 1}": kind for n, kind in enumerate(_KINDS)})
    query = ["and", query, ["or", ["in", *wide], query, ["=", 1, 1]]]

    try:
        meant = parsed(orjson.dumps(query).decode())
    except BadQuery:
        reject()

    assert Evaluation(hosts).mask(meant).tolist() == [
        bool(
            said(
                query,
                {
                    "free_ram_mb": facts.get("memory_mb_limit", 8192),
                    "num_instances": facts.get("num_instances", 0),
                    "host": f"h{n}",
                    "nodename": f"n-h{n}",
                    "hypervisor_hostname": f"n-h{n}",
                    "host_ip": "",
                    "arch": kind.get("arch"),
                    **{f"cpu_info.{k}": v for k, v in kind.get("cpu_info", {}).items()},
                }.get,
            )
        )
        for n, facts, kind in zip((1, 2, 3), (*_FACTS, {}), _KINDS, strict=True)
    ]


@pytest.mark.parametrize("fact", ["$num_instances", "$host", "$nodename"])
@pytest.mark.parametrize("name", ["=", "in", "<", ">", "<=", ">="])
def test_a_fact_against_many_constants_says_what_each_comparison_would(
    fact: str, name: str
) -> None:
    hosts = table({"num_instances": 3}, {"num_instances": 5}, {"num_instances": 40})
    several: list[Any] = [3, 5, 2.5, 3] if fact == "$num_instances" else ["h1", "n-h2", "x", "h1"]
    many = [*several, *([*range(20)] if fact == "$num_instances" else map(str, range(20)))]

    for constants in (several, several[:1], many, [*several, "other", 7]):
        for query in ([name, fact, *constants], [name, constants[0], fact]):
            each = [
                {"num_instances": n, "host": f"h{p}", "nodename": f"n-h{p}"}
                for p, n in ((1, 3), (2, 5), (3, 40))
            ]
            found = Evaluation(hosts).mask(parsed(orjson.dumps(query).decode())).tolist()
            assert found == [said(query, one.get) for one in each], query


def test_hosts_that_a_query_names_are_known_before_it_is_asked() -> None:
    query = [
        "or",
        ["in", "$host", "h1", "h2", 5],
        ["not", ["=", "h3", "$host"]],
        ["<", "$host", "z"],
    ]

    assert hosts_of(parsed(orjson.dumps(query).decode())) == ["h1", "h2", "h3"]


def test_a_query_works_out_only_so_much_for_every_host() -> None:
    same = [["=", "$num_instances", n] for n in range(20)]

    with pytest.raises(BadQuery, match="operators and facts"):
        parsed(orjson.dumps(["or", *same]).decode())
    parsed(orjson.dumps(["or", *same[:15]]).decode())
    parsed(orjson.dumps(["in", "$num_instances", *range(250)]).decode())
