"""Passwords of guests are hashed, which is work, for servers that there are."""

from typing import Any

import pytest

from minicloud.runtime import passwords
from tests.unit.api.conftest import Client
from tests.unit.api.fake_zone import IMAGE

NOBODY = "aaaaaaaa-0000-4000-8000-00000000dead"


@pytest.mark.parametrize(
    "body",
    [
        {"rescue": None},
        {"changePassword": {"adminPass": "secret"}},
        {"rebuild": {"imageRef": IMAGE}},
        {"evacuate": {"onSharedStorage": False}},
    ],
    ids=lambda body: next(iter(body)),
)
def test_nothing_is_hashed_for_a_server_that_is_not_there(
    admin: Client, monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "for_a_guest", hashed.append)

    reply = admin.post(f"/v2.1/servers/{NOBODY}/action", body)

    assert (reply.status, hashed) == (404, [])
