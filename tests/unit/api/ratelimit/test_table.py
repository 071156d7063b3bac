"""Which limits a request comes under, and what is no limit at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minicloud.api.ratelimit import table as module
from minicloud.api.ratelimit.limit import ALL, BadLimit, Limit
from minicloud.api.ratelimit.table import LimitTable
from tests.unit.api.limited import limit

_URIS = (
    ALL,
    "/",
    "/servers",
    "/servers/detail",
    "/servers/{id}",
    "/servers/{id}/action",
    "/{noun}",
    "/{noun}/{id}",
    "/os-{what}/{id}",
    "/flavors/{rest:.*}",
    "/os-keypairs",
)
_PATHS = (
    "",
    "/",
    "/servers",
    "/servers/",
    "/servers/detail",
    "/servers/x",
    "/servers/x/action",
    "/servers/x/y/z",
    "/flavors/1/os-extra_specs/k",
    "/os-keypairs",
    "/os-keypairs/k",
    "//",
    "/servers\n",
    "/nowhere",
    "no/path",
)


def names(found: Any) -> list[str]:
    return [each.name for each, _ in found]


def limits() -> st.SearchStrategy[list[Limit]]:
    one = st.builds(
        limit,
        st.uuids().map(str),
        st.sampled_from(("", "GET", "POST", "GET PUT", "HEAD")),
        st.sampled_from(_URIS),
        queries=st.sampled_from(((), ("limit",), ("limit", "marker"))),
        per=st.sampled_from(("user", "project", "address")),
    )
    return st.lists(one, max_size=12, unique_by=lambda each: each.name)


@given(
    limits(),
    st.sampled_from(("GET", "HEAD", "POST", "DELETE")),
    st.sampled_from(_PATHS),
    st.sampled_from(((), ("limit",), ("limit", "marker", "x"))),
)
def test_a_table_finds_what_looking_at_each_limit_finds(
    given: list[Limit], verb: str, path: str, queries: tuple[str, ...]
) -> None:
    table = LimitTable(tuple(given))

    def fits(each: Limit) -> bool:
        verbs = {"GET" if one == "HEAD" else one for one in each.verbs}
        return (
            (not verbs or ("GET" if verb == "HEAD" else verb) in verbs)
            and each.pattern.fullmatch(path) is not None
            and set(each.queries) <= set(queries)
        )

    fitting = [each for each in given if fits(each)]
    assert names(table.matching(verb, path, queries, None)) == [
        each.name for each in fitting if each.per != "address"
    ]
    assert names(table.matching_address(verb, path, queries)) == [
        each.name for each in fitting if each.per == "address"
    ]


def test_limits_that_share_a_template_look_at_a_path_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []
    variables = module._variables

    def noted(each: Limit, path: str) -> Any:
        looked.append(each.uri)
        return variables(each, path)

    monkeypatch.setattr(module, "_variables", noted)
    many = [limit(f"a{n}", uri="/servers/{id}") for n in range(50)]
    others = [limit(f"b{n}", uri=f"/other{n}/{{id}}") for n in range(500)]

    found = LimitTable((*many, *others)).matching("GET", "/servers/x", (), None)

    assert len(found) == 50
    assert looked == ["/servers/{id}"]


def test_variables_come_with_the_limit_and_may_have_requirements() -> None:
    table = LimitTable(
        (
            limit("digits", uri="/servers/{id}", requirements={"id": "[0-9]+"}),
            limit("any", uri="/servers/{id}"),
        )
    )

    assert names(table.matching("GET", "/servers/x", (), None)) == ["any"]
    found = table.matching("GET", "/servers/12", (), None)
    assert [dict(variables) for _, variables in found] == [{"id": "12"}] * 2


def test_a_class_is_for_its_projects_and_default_for_the_others() -> None:
    table = LimitTable(
        (limit("a"), limit("g", limit_class="gold"), limit("d", limit_class="default")),
        {"p1": "gold"},
    )

    gold = table.matching("GET", "/x", (), table.class_of("p1"))
    other = table.matching("GET", "/x", (), table.class_of("p2"))

    assert (names(gold), names(other)) == (["a", "g"], ["a", "d"])
    assert [each.name for each in table.of_class("gold")] == ["a", "g"]


GOOD: dict[str, Any] = {"name": "n", "uri": "/a/{b}", "value": 10, "unit": "minute"}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, "name must be a text"),
        ({"name": 3}, "name must be a text"),
        ({"name": "a\n"}, "printable"),
        ({"name": "x" * 256}, "1 to 255"),
        ({"verbs": "GET"}, "verbs must be of"),
        ({"verbs": ["FETCH"]}, "verbs must be of DELETE, GET"),
        ({"verbs": [["GET"]]}, "verbs must be of"),
        ({"uri": "a"}, "must begin with / or be *"),
        ({"uri": "/a/{b"}, "brace"),
        ({"uri": "/a/{b:(}"}, "is no pattern"),
        ({"requirements": {"b": "["}}, "is no pattern"),
        ({"requirements": {"c": "x"}}, "no variable 'c'"),
        ({"requirements": ["b"]}, "requirements must be texts"),
        ({"use": ["c"]}, "use: the uri has no variable 'c'"),
        ({"use": "b"}, "use must be a list"),
        ({"queries": [1]}, "queries must be a list"),
        ({"per": "planet"}, "per must be one of address, project, user"),
        ({"per": ["user"]}, "per must be one of"),
        ({"limit_class": ""}, "limit_class must be a name"),
        ({"per": "address", "limit_class": "gold"}, "an address is of no class"),
        ({"value": 0}, "value must be a whole number from 1"),
        ({"value": True}, "value must be a whole number"),
        ({"value": 1.5}, "value must be a whole number"),
        ({"value": 2**27}, "from 1 to 67108864"),
        ({"unit": "fortnight"}, "unit_s must be a whole number"),
        ({"unit": 0}, "unit_s must be a whole number from 1"),
        ({"value": 10**6, "unit": "day"}, "exactly with this unit, 104248"),
        ({"colour": "red"}, "unknown: colour"),
        ({"value": None}, "value must be a whole number"),
    ],
)
def test_what_is_no_limit_is_refused_by_name_and_with_what_is_wrong(
    change: dict[str, Any], text: str
) -> None:
    with pytest.raises(BadLimit) as refused:
        Limit.of(GOOD | change)

    assert text in str(refused.value)
    if isinstance(change.get("name", ""), str):
        assert repr(change.get("name", "n")[:255])[:200] in str(refused.value)


def test_a_limit_survives_being_written_and_read() -> None:
    one = Limit.of(
        GOOD
        | {"verbs": ["post", "PUT"], "use": ["b"], "queries": ["q"], "requirements": {"b": "x+"}}
    )

    assert Limit.of(one.record()) == one
    assert (one.verb, one.unit, one.unit_us) == ("POST, PUT", "MINUTE", 60_000_000)
    assert (limit(unit_s=90).unit, limit().verb) == ("90 SECONDS", "*")


def test_names_are_unique_in_a_table() -> None:
    with pytest.raises(BadLimit, match="another of this name"):
        LimitTable((limit("a"), limit("a", uri="/x")))


def test_the_largest_limits_are_still_exact() -> None:
    for value, unit_s in ((2**26, 134), (104248, 86400), (283, 31622400)):
        assert limit(value=value, unit_s=unit_s).unit_us * (value + 1) < 2**53
        with pytest.raises(BadLimit):
            limit(value=value + 1, unit_s=unit_s)
