"""The quota over real programs, whose API processes are killed in the middle of it."""

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import requests

from minicloud.db import identity, quotas
from minicloud.db.identity import Reference
from tests.crash.client import SECONDS, Client
from tests.crash.deployment import Deployment

_ASKED, _ROOM = 60, 12


def test_as_many_as_fit_are_accepted_by_programs_that_are_killed(deployment: Deployment) -> None:
    client, books = deployment.client, deployment.books
    project = books.read(
        lambda db: identity.project(db, Reference(name="admin", domain_id="default"))
    )
    assert project is not None
    used = books.read(lambda db: quotas.usage(db, project.id))[0]
    path = f"/compute/v2.1/os-quota-sets/{project.id}"
    limit = {"quota_set": {"instances": used + _ROOM}}
    assert client.ask("PUT", path, limit).status_code == 200
    for place in ("api.create:before", "api.create:after"):
        deployment.arm(place)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _n: _create(client), range(_ASKED)))
    shown = client.ask("GET", f"{path}/detail").json()["quota_set"]["instances"]
    assert client.ask("DELETE", path).status_code == 202
    made = [one.json()["server"]["id"] for one in answers if one.status_code == 202]
    for server in made:
        assert client.delete(server).status_code == 204

    assert Counter(one.status_code for one in answers) == {202: _ROOM, 403: _ASKED - _ROOM}
    assert len(set(made)) == _ROOM
    assert shown == {"in_use": used + _ROOM, "limit": used + _ROOM, "reserved": 0}
    assert not any(deployment.is_armed(f"api.create:{side}") for side in ("before", "after"))


def _create(client: Client) -> requests.Response:
    """Asked with a key until there is an answer."""
    own = client.like(keep_alive=False)
    own._headers = {**client._headers, "Idempotency-Key": str(uuid.uuid4())}
    end = time.monotonic() + SECONDS
    while True:
        try:
            return own.create("counted")
        except requests.ConnectionError:
            assert time.monotonic() < end
            time.sleep(0.05)
