"""A file of limits is changed where it differs, and nowhere else."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minicloud.api.ratelimit import notation, writing
from minicloud.api.ratelimit.edit import edited
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.table import LimitTable

TEXT = """\
# What this cloud bears.
limits:
  # builds are dear
  - name: create   # and restores
    verbs: [POST]
    uri: /servers
    value: 50      # was 40
    unit: MINUTE

  - name: delete
    verbs: [DELETE]
    value: 100
    unit: MINUTE

classes:
  p1: gold         # pays
  p2: tin
# the end
"""


CLASSES = "  p1: gold         # pays\n  p2: tin\n"


def changed(text: str, **limits: Limit | None) -> str:
    """With these limits instead of, or beside, those of the text; not written anew."""
    table = notation.read(text, "")
    found = {limit.name: limit for limit in table.limits} | limits
    wanted = replace(table, limits=tuple(each for each in found.values() if each))
    new, anew = edited(text, wanted)
    assert not anew
    return new


def limit(text: str, name: str) -> Limit:
    return next(each for each in notation.read(text, "").limits if each.name == name)


def test_a_value_is_changed_where_it_stands() -> None:
    new = changed(TEXT, create=replace(limit(TEXT, "create"), value=60, unit_s=90))

    assert new == TEXT.replace("50 ", "60 ").replace("unit: MINUTE", "unit: 90", 1)


def test_a_new_field_rewrites_only_its_limit() -> None:
    new = changed(TEXT, delete=replace(limit(TEXT, "delete"), uri="/servers/{id}"))

    assert new == TEXT.replace(
        """\
  - name: delete
    verbs: [DELETE]
    value: 100
    unit: MINUTE
""",
        """\
  - name: delete
    verbs: [DELETE]
    uri: "/servers/{id}"
    value: 100
    unit: MINUTE
    per: user
""",
    )


def test_a_limit_is_taken_away() -> None:
    new = changed(TEXT, create=None)

    assert "name: create" not in new
    assert "# builds are dear\n\n  - name: delete\n" in new


def test_the_last_limit_leaves_none() -> None:
    text = "limits:\n  - name: a\n    value: 1\n    unit: 1\n# end\n"

    assert changed(text, a=None) == "limits: []\n# end\n"


def test_a_new_limit_comes_last() -> None:
    new = changed(TEXT, all=Limit("all", frozenset(), "*", 5, 1))

    assert new == TEXT.replace(
        "100\n    unit: MINUTE\n",
        "100\n    unit: MINUTE\n\n"
        '  - name: all\n    verbs: "*"\n    uri: "*"\n    value: 5\n    unit: SECOND\n'
        "    per: user\n",
    )


@pytest.mark.parametrize(
    ("classes", "lines"),
    [
        ({"p1": "iron", "p2": "tin"}, "  p1: iron         # pays\n  p2: tin\n"),
        ({"p2": "tin"}, "  p2: tin\n"),
        ({}, " {}\n"),
        (
            {"p1": "gold", "p2": "tin", "p3": "on"},
            '  p1: gold         # pays\n  p2: tin\n  p3: "on"\n',
        ),
    ],
)
def test_classes_are_changed_line_by_line(classes: dict[str, str], lines: str) -> None:
    new, anew = edited(TEXT, replace(notation.read(TEXT, ""), classes=classes))

    assert not anew
    wanted = lines if classes else f":{lines}"
    assert new == TEXT.replace(f"{'' if classes else ':' + chr(10)}{CLASSES}", wanted)


def test_the_first_class_is_appended() -> None:
    text = "limits: []  # none yet"

    new, anew = edited(text, LimitTable(classes={"p1": "gold"}))

    assert not anew
    assert new == "limits: []  # none yet\n\nclasses:\n  p1: gold\n"


def test_the_first_limit_takes_the_place_of_none() -> None:
    text = "# top\nlimits: []  # none yet\n# end\n"

    new, anew = edited(text, LimitTable((Limit("all", frozenset(), "*", 5, 1),)))

    assert not anew
    assert new.startswith("# top\nlimits:\n\n  - name: all\n")
    assert new.endswith("per: user  # none yet\n# end\n")


def test_nothing_to_change_changes_nothing() -> None:
    assert edited(TEXT, notation.read(TEXT, "", 5)) == (TEXT, False)


def test_what_has_no_lines_of_its_own_is_written_anew_below_its_head() -> None:
    text = "# top\n\nlimits: [{name: a, value: 1, unit: 1}]  # flow\n"

    table = notation.read(text, "")
    new, anew = edited(
        text, replace(table, limits=(*table.limits, Limit("b", frozenset(), "*", 5, 1)))
    )

    assert anew
    assert new.startswith("# top\n\nlimits:\n\n  - name: a\n")
    assert [each.name for each in notation.read(new, "").limits] == ["a", "b"]


NAMES = st.text("abcdefgh: #-'\"", min_size=1, max_size=4)
LIMITS = st.builds(
    Limit,
    name=NAMES,
    verbs=st.sets(st.sampled_from(notation.VERBS)).map(frozenset),
    uri=st.sampled_from(["*", "/servers", "/servers/{id}"]),
    value=st.integers(1, 99),
    unit_s=st.sampled_from([1, 60, 90, 86400]),
    queries=st.lists(NAMES, max_size=2).map(tuple),
    limit_class=st.none() | NAMES,
)
TABLES = st.builds(
    LimitTable,
    st.lists(LIMITS, max_size=4, unique_by=lambda each: each.name).map(tuple),
    st.dictionaries(NAMES, NAMES, max_size=3),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(TABLES, TABLES)
def test_whatever_is_wanted_is_read_afterwards(old: LimitTable, new: LimitTable) -> None:
    text, _ = edited(writing.written(old), new)

    assert notation.read(text, "") == new
