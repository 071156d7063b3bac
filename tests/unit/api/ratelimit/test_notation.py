"""Limits as people write them."""

import pytest

from minicloud.api.ratelimit import notation, redis_source, writing
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.table import LimitTable

FULL = """\
# what follows uses every field
limits:
  - name: create
    verbs: [POST, put]
    uri: /servers
    value: 50
    unit: MINUTE
  - {name: "two words", verbs: get, queries: changes-since, value: 3, unit: 90, class: gold}
  - name: act
    verbs: "*"
    uri: /servers/{id}/action
    requirements: {id: "[a-f0-9-]+"}
    use: [id]
    value: 3
    unit: day
    per: project
classes:
  0123: gold
  1e5: "on"
"""


def test_every_field_is_read() -> None:
    table = notation.read(FULL, "limits.yaml", 7)

    assert table == LimitTable(
        (
            Limit("create", frozenset({"POST", "PUT"}), "/servers", 50, 60),
            Limit(
                "two words",
                frozenset({"GET"}),
                "*",
                3,
                90,
                queries=("changes-since",),
                limit_class="gold",
            ),
            Limit(
                "act",
                frozenset(),
                "/servers/{id}/action",
                3,
                86400,
                requirements={"id": "[a-f0-9-]+"},
                use=("id",),
                per="project",
            ),
        ),
        {"0123": "gold", "1e5": "on"},
        7,
    )


def test_what_is_written_is_read_as_the_same() -> None:
    table = notation.read(FULL, "limits.yaml")

    assert notation.read(writing.written(table), "again") == table
    assert redis_source.loaded(redis_source.dumped(table), 0) == table


def test_there_can_be_no_limits() -> None:
    nothing = LimitTable()

    assert notation.read("limits: []", "limits.yaml") == nothing
    assert notation.read(writing.written(nothing), "again") == nothing


GOOD = "{name: a, value: 1, unit: 1}"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, 'write "limits: []"'),
        ("# only this\n", 1, 'write "limits: []"'),
        ("classes: {}", 1, 'there is no "limits:"'),
        ("limits: 3", 1, "begin each part of it with a dash"),
        ("limits: [", 1, "this is no YAML"),
        ("limits: [\x00]", 1, "this is no YAML"),
        ("limits: []\n---\nlimits: []", 2, "this is no YAML"),
        ("limits: []\nclases: {}", 2, "no 'clases' here; did you mean classes?"),
        ("limits: []\nclasses: [a]", 2, '"name: value"'),
        ("limits: []\nclasses:\n  a: {}", 3, '"classes:", project a: one word'),
        (
            "limits:\n- name: a\n  vale: 3",
            3,
            "limit 'a': there is no 'vale' here; did you mean va",
        ),
        ("limits:\n- value: 1\n  unit: 1", 2, 'a limit: it has no "name:"'),
        ("limits:\n- name: a\n  unit: 1", 2, "limit 'a': it has no \"value:\""),
        (
            "limits:\n- name: a\n  value: 3\n  unit: MINUTES",
            4,
            "limit 'a': unit: 'MINUTES' is none of SECOND, MINUTE, HOUR, DAY, and no number of "
            "seconds; did you mean MINUTE?",
        ),
        (
            "limits:\n- name: a\n  value: many\n  unit: 1",
            3,
            "limit 'a': value: 'many' is no whole",
        ),
        ("limits:\n- name: a\n  value: 1.5\n  unit: 1", 3, "limit 'a': value: '1.5' is no whole"),
        (
            "limits:\n- name: a\n  value: 0\n  unit: 1",
            2,
            "limit 'a': value must be a whole number",
        ),
        (f"limits:\n- {GOOD}\n- {GOOD}", 3, "there are two limits 'a'"),
        (
            "limits: [{name: a, value: 1, unit: 1, uri: x}]",
            1,
            "limit 'a': uri 'x' must begin with",
        ),
        ("limits: [{name: a, value: 1, unit: 1, per: usr}]", 1, "did you mean user?"),
        ("limits: [{name: a, value: 1, unit: 1, verbs: [PSOT]}]", 1, "did you mean POST?"),
        ("limits: [{name: a, value: 1, unit: 1, verbs: []}]", 1, "name a verb; * is all"),
        ("limits: [{name: a, value: 1, unit: 1, unit: 2}]", 1, "limit 'a': 'unit' is here twice"),
        ("limits: [{name: a, value: 1, unit: 1, queries: {}}]", 1, "queries: this must be a list"),
        ("limits: &all [*all]", 1, "a limit: lines such as"),
        ("[" * 5000, 1, "this is no YAML"),
    ],
)
def test_an_error_names_the_line_and_what_to_do(text: str, line: int, reason: str) -> None:
    with pytest.raises(notation.BadNotation) as raised:
        notation.read(text, "limits.yaml")

    assert f"limits.yaml, line {line}: " in str(raised.value)
    assert reason in str(raised.value)
