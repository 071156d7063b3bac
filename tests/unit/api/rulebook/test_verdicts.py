"""Our verdicts are those of oslo.policy's own Enforcer, whatever the rules say."""

import logging
from collections.abc import Mapping
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from oslo_config import cfg
from oslo_policy import policy

from minicloud.api.rulebook.book import Override, Rulebook
from minicloud.api.rulebook.compiled import LOWERED
from minicloud.api.rulebook.explained import Part
from minicloud.api.rulebook.texts import BadRule, read

NAMES = ("one", "two", "three", "four")
ROLES = ("admin", "Member", "reader", "odd.role")
VALUES = ("p1", "p2", "u1", "True", "None", "admin")
FIELDS = ("project_id", "user_id", "roles", "absent")
_fields = st.sampled_from([f"%({name})s" for name in FIELDS])
_values = st.one_of(
    st.sampled_from(VALUES),
    _fields,
    st.tuples(_fields, st.sampled_from(VALUES)).map("".join),
    st.just("100%%"),
)
_kinds = st.sampled_from(
    [
        *("user_id", "project_id", "is_admin", "roles", "system_scope", "domain_id"),
        *("True", "None", "'p1'", "5", "service_roles"),
    ]
)
_leaves = st.one_of(
    st.sampled_from(["!", "@"]),
    st.sampled_from([f"role:{role}" for role in (*ROLES, "MEMBER", "nobody")]),
    _fields.map("role:{}".format),
    st.tuples(_kinds, _values).map(":".join),
)


def _texts(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Texts of the language, with brackets and odd spaces, that refer to these rules."""
    leaves = _leaves
    if names:
        leaves |= st.sampled_from([f"rule:{name}" for name in names])
    words = st.sampled_from([" and ", " or ", " AND ", "  oR\t"])
    return st.recursive(
        leaves,
        lambda below: st.one_of(
            st.tuples(below, words, below).map("".join),
            st.tuples(st.sampled_from(["not ", "NOT  "]), below).map("".join),
            st.tuples(st.sampled_from(["(", "( "]), below, st.sampled_from([")", " )"])).map(
                "".join
            ),
        ),
        max_leaves=6,
    )


def _lists() -> st.SearchStrategy[Any]:
    """The old form: a list of alternatives, each a check or a list of checks."""
    return st.lists(st.one_of(_leaves, st.lists(_leaves, max_size=3)), max_size=3)


@st.composite
def _books(draw: st.DrawFn) -> dict[str, Any]:
    """Rules that refer only to those after them: no circles."""
    return {
        name: draw(st.one_of(_texts(NAMES[place + 1 :]), _lists(), st.just("")))
        for place, name in enumerate(NAMES)
    }


_callers = st.fixed_dictionaries(
    {
        "user_id": st.sampled_from(["u1", "u2"]),
        "project_id": st.sampled_from(["p1", "p2"]),
        "roles": st.lists(st.sampled_from([*ROLES, "ADMIN", "member"]), max_size=3),
        "is_admin": st.booleans(),
        "system_scope": st.none(),
        "domain_id": st.none(),
        "service_roles": st.lists(st.sampled_from(VALUES), max_size=2),
    }
)
_targets = st.dictionaries(
    st.sampled_from(FIELDS[:3]), st.one_of(st.sampled_from(VALUES), st.none(), st.just(5))
)


def _conf() -> cfg.ConfigOpts:
    conf = cfg.ConfigOpts()
    conf([], default_config_files=[], default_config_dirs=[])
    return conf


CONF = _conf()


def book(texts: Mapping[str, Any], enforcer: Any = None) -> Rulebook:
    overrides = [Override(name, text, read(text), "policy.yaml") for name, text in texts.items()]
    return Rulebook({}, overrides, "default", enforcer)


_LISTED = {"user_id": "u1", "project_id": "p1", "roles": ["a", "b"], "is_admin": False}
_LISTED |= {"system_scope": None, "domain_id": None, "service_roles": ["p1", "x"]}


@settings(max_examples=100)
@example({"one": "roles:%(user_id)s"}, _LISTED, {"user_id": "b"})
@example({"one": "service_roles:%(user_id)s"}, _LISTED, {"user_id": "['p1', 'x']"})
@example({"one": "rule:two", "default": "@"}, _LISTED, {})
@given(texts=_books(), caller=_callers, target=_targets)
def test_a_verdict_is_oslo_policys(
    texts: dict[str, Any], caller: dict[str, Any], target: dict[str, Any]
) -> None:
    enforcer = policy.Enforcer(CONF, use_conf=False)
    enforcer.set_rules(policy.Rules.from_dict(texts), use_conf=False)
    rules = book(texts, enforcer)
    ours = {**caller, LOWERED: [role.lower() for role in caller["roles"]]}

    for name in texts:
        theirs = bool(enforcer.enforce(name, target, dict(caller)))
        assert rules.allows(name, target, ours) is theirs
        assert rules.explain(name, target, ours).holds is theirs


@settings(max_examples=40)
@given(texts=_books(), caller=_callers, target=_targets)
def test_an_explanation_adds_up(
    texts: dict[str, Any], caller: dict[str, Any], target: dict[str, Any]
) -> None:
    ours = {**caller, LOWERED: [role.lower() for role in caller["roles"]]}

    def adds_up(part: Part) -> bool:
        below = [one.holds for one in part.parts]
        whole = {"all of": all(below), "any of": any(below), "not": not any(below)}
        expected = whole.get(part.text, below[0] if below else part.holds)
        return part.holds is expected and all(map(adds_up, part.parts))

    assert adds_up(book(texts).explain("one", target, ours))


_pieces = st.sampled_from(
    ["(", ")", "and", "or", "not", "!", "@", "role:a", "user_id:%(user_id)s", "''", "rule:x", ":"]
)


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def _oslo_policy_understands(text: str) -> bool:
    """It complains in the log, and takes the text for a rule that refuses."""
    heard, log = _Heard(), logging.getLogger("oslo_policy._parser")
    log.addHandler(heard)
    try:
        policy.RuleDefault("rule", text)
    finally:
        log.removeHandler(heard)
    return not heard.records


@settings(max_examples=300)
@given(pieces=st.lists(_pieces, max_size=7), glue=st.sampled_from([" ", ""]))
def test_a_text_is_refused_exactly_when_oslo_policy_cannot_read_it(
    pieces: list[str], glue: str
) -> None:
    text = glue.join(pieces)

    try:
        read(text)
        reason = ""
    except BadRule as error:
        reason = str(error)

    # It takes any word for an attribute of the caller; we know them.
    strict = "of the kind" in reason or "is written" in reason or "quotes" in reason
    assert strict or _oslo_policy_understands(text) is not bool(reason), (text, reason)
