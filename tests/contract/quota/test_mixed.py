"""Creates, deletes, resizes, reverts and restores at once, with API processes being killed: no
moment shows a project or a user above a limit, and afterwards there is nothing to repair."""

import random
from collections import Counter
from typing import Any, Final

from minicloud.db import quotas
from minicloud.db.engine import Database
from tests.contract.db.rows import together
from tests.contract.quota.clients import (
    Books,
    Client,
    Processes,
    killed,
    meanwhile,
    recounted,
    wait_for_rest,
)

_PROJECT: Final = {"instances": 9, "cores": 14, "ram": 20_000}
_ALICE: Final = {"instances": 6, "cores": 8}
_FLAVORS: Final = ("42", "1", "2", "3", "4")
_CLIENTS, _ACTS = 12, 16
_ACTIONS: Final = (
    ("resize", 4),
    ("confirmResize", 2),
    ("revertResize", 3),
    ("restore", 4),
    ("forceDelete", 1),
)


def test_whatever_comes_together_no_limit_is_ever_passed(
    processes: Processes, database: Database, books: Books
) -> None:
    database.write(lambda db: quotas.put(db, "mixed", "", _PROJECT))
    database.write(lambda db: quotas.put(db, "mixed", "alice", _ALICE))
    known: list[str] = []
    who = [processes.client(("alice", "bob")[n % 2] + ":mixed") for n in range(_CLIENTS)]

    with meanwhile(lambda: _look(books)) as looks, killed(processes, 6):
        found = together(_CLIENTS, lambda n: _act_on(who[n], known, random.Random(n)))

    answers = [one for some in found for one in some]
    assert {status for status, _ in answers} <= {202, 204, 400, 403, 404, 409}
    assert {kind for _, kind in answers} <= {"", *_SAID}, Counter(kind for _, kind in answers)
    assert looks() > 3
    wait_for_rest(database, "mixed")
    _fill(processes.client("bob:mixed"), books)


_SAID: Final = (  # the beginnings of all that may be refused
    "Cannot '",
    "Quota exceeded for ",
    "When resizing, instances must change flavor!",
    "Instance has not been resized.",
    "Instance ",
)


def _act_on(client: Client, known: list[str], dice: random.Random) -> list[tuple[int, str]]:
    answers = []
    for _ in range(_ACTS):
        what = dice.random()
        if what < 0.4 or not known:
            status, body = client.create(
                dice.choice(_FLAVORS), min_count=1, max_count=dice.randint(1, 3)
            )
            if status == 202:
                known.append(body["server"]["id"])
        elif what < 0.6:
            status, body = client.ask("DELETE", f"/servers/{dice.choice(known)}")
        else:
            (action,) = dice.choices([a for a, _ in _ACTIONS], [w for _, w in _ACTIONS])
            argument = {"flavorRef": dice.choice(_FLAVORS)} if action == "resize" else None
            status, body = client.ask(
                "POST", f"/servers/{dice.choice(known)}/action", {action: argument}
            )
        answers.append((status, _kind(status, body)))
    return answers


def _kind(status: int, body: Any) -> str:
    """Which of the refusals it is, or the whole text of another one."""
    if status < 400:
        return ""
    (fault,) = body.values()
    text: str = fault["message"]
    return next((one for one in _SAID if text.startswith(one)), text)


def _look(books: Books) -> None:
    def work(db: Any) -> None:
        for user, limits in (("", _PROJECT), ("alice", _ALICE)):
            counted = quotas.in_use(db, "mixed", user or None)
            rows = recounted(db, "mixed").get(user, {})
            for name, limit in limits.items():
                assert rows.get(name, 0) <= counted[name] <= limit, (user, name, rows, counted)

    books.at_one_moment(work)


def _fill(client: Client, books: Books) -> None:
    """What is in use is what there is, and the room that is left can be had to the last bit."""
    while (answer := client.create())[0] == 202:
        pass
    assert answer[0] == 403
    counted, rows = books.look("mixed")
    assert counted == rows[""] == client.used()
    assert client.listed() == counted["instances"]
    one = {"instances": 1, "cores": 1, "ram": 128}
    assert any(counted[name] + one[name] > _PROJECT[name] for name in _PROJECT)
