"""The operators of extra specs, by the vectors of SEMANTICS section 8."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minicloud.scheduler.operators import matches

_VECTORS: list[tuple[Any, str, bool]] = [
    ("1", "1", True),
    ("222", "2", False),
    ("4", "> 2", False),
    ("2", "= 1", True),
    ("1", "= 2", False),
    ("3.0", "== 3", True),
    ("abc", ">= 3", False),
    ("a b", "s== a b", False),
    ("1000", "s< 2", True),
    ("12310321", "<in> 103", True),
    (["a", "b"], "<in> a", True),
    (["a", "b"], "<in> c", False),
    ("aes mmx aux", "<all-in> aes mmx", True),
    ("aes mmx", "<all-in> txt aes", False),
    ("13", "<or> 11 <or> 12", False),
    ("12", "<or> 11 <or> 12 <or>", True),
    ("11", "<or> 11 12", True),
    ("12", "<or> 11 12", False),
    ("x", "<or>", False),
    ("x", "<in>", False),
    ("x", "<all-in>", False),
    (None, "s!= a", False),
    (None, "None", False),
    ("true", "True", False),
    ("ssd", "ssd ", False),
    ("10", "=10", False),
    ("10", "== ten", False),
    ("10", "<=", False),
    ("b", "s> a", True),
    ("b", "s<= a", False),
    ("4", "!= 4.0", False),
    (4, "<= 4", True),
    (10**400, ">= 4", False),
]


@pytest.mark.parametrize(("value", "spec", "expected"), _VECTORS)
def test_a_spec_matches_as_in_nova(value: Any, spec: str, expected: bool) -> None:
    assert matches(value, spec) is expected


@given(
    value=st.none() | st.text() | st.integers() | st.floats() | st.lists(st.text()),
    spec=st.text() | st.sampled_from(["=", "==", "<or>", "<in>", "s<"]).map("{} x".format),
)
def test_no_spec_raises(value: Any, spec: str) -> None:
    assert matches(value, spec) in (True, False)
