"""A refused body came back in the fault, and with it the password that was wrong with it."""

from typing import Any

import pytest

from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]

_SECRET = "canary7x"
_SERVER = {"name": "vm", "flavorRef": "1", "imageRef": "99999999-0000-4000-8000-000000000009"}


@pytest.mark.parametrize(
    "wish",
    [
        {"adminPass": [_SECRET]},
        {"adminPass": _SECRET * 50},
        {"adminPass": _SECRET, "nobody_knows": 1},
        {"adminPass": _SECRET, "name": ""},
        {"user_data": f"!{_SECRET}"},
        {"user_data": [_SECRET]},
        {"metadata": {"password": [_SECRET]}},
    ],
    ids=str,
)
def test_a_fault_does_not_repeat_a_secret(call: Call, wish: dict[str, Any]) -> None:
    for body in ({"server": _SERVER | wish}, {"server": [_SERVER | wish]}):
        status, answer = call("POST", "/servers", body)

        assert status == 400
        assert _SECRET not in str(answer)
        assert "Invalid input" in str(answer) or "Additional properties" in str(answer)
