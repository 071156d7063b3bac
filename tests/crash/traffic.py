"""Creates, deletes, stops, starts and reboots at the same time, and what became of them."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.crash.client import Client

FAILS_EVERYWHERE = {"fake:fail_spawn": "*"}
FAILS_ON_NODE1 = {"fake:fail_spawn": "node1"}
_NUMBERS = itertools.count(1)


class Traffic:
    """What clients were told. Where a connection broke, or with a 5xx, they know nothing."""

    def __init__(self, client: Client, workers: int = 5) -> None:
        self.client, self._workers = client, workers
        self.accepted: list[str] = []
        self.deleted: list[str] = []
        self.unknown: list[str] = []  # what was asked without an answer
        self.refused: list[str] = []  # answers that nobody may get here

    def round(self, old: Sequence[str], creates: int = 10) -> None:
        """Boots (two fail, three are deleted at once), and what else can be done to `old`."""
        work: list[Callable[[], None]] = []
        metas = [FAILS_EVERYWHERE, FAILS_ON_NODE1, *[{} for _ in range(creates - 5)]]
        work += [lambda meta=meta: self.create(meta) for meta in metas]  # type: ignore[misc]
        work += [self.create_and_delete] * 3
        verbs = ("os-stop", "reboot", "reboot hard", "delete", "delete", "os-start")
        for verb, uuid in zip(itertools.cycle(verbs), old, strict=False):
            work.insert(len(work) // 2, lambda v=verb, u=uuid: self.act(v, u))  # type: ignore[misc]
        with ThreadPoolExecutor(self._workers) as pool:
            list(pool.map(lambda one: one(), work))

    def create_and_delete(self) -> None:
        """Delete in the middle of the boot, wherever that is."""
        uuid = self.create()
        if uuid is not None:
            self.delete(uuid)

    def create(self, meta: dict[str, str] | None = None, zone: str | None = None) -> str | None:
        name = f"server-{next(_NUMBERS)}"
        answer = self._answer("create", lambda: self.client.create(name, meta, zone))
        if answer is None or not self._is(answer, 202):
            return None
        uuid = str(answer.json()["server"]["id"])
        self.accepted.append(uuid)
        return uuid

    def delete(self, uuid: str) -> None:
        answer = self._answer(f"delete {uuid}", lambda: self.client.delete(uuid))
        if answer is not None and self._is(answer, 204, 404):
            self.deleted.append(uuid)

    def act(self, verb: str, uuid: str) -> None:
        if verb == "delete":
            self.delete(uuid)
            return
        name, argument = verb, None
        if verb.startswith("reboot"):
            name, argument = "reboot", {"type": "HARD" if "hard" in verb else "SOFT"}
        answer = self._answer(f"{verb} {uuid}", lambda: self.client.act(uuid, name, argument))
        if answer is not None:
            self._is(answer, 202, 409)

    def _answer(self, what: str, ask: Callable[[], requests.Response]) -> requests.Response | None:
        try:
            answer = ask()
        except requests.RequestException as error:
            self.unknown.append(f"{what}: {type(error).__name__}")
            return None
        if answer.status_code >= 500:
            self.unknown.append(f"{what}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer

    def _is(self, answer: requests.Response, *expected: int) -> bool:
        if answer.status_code in expected:
            return True
        self.refused.append(f"{answer.request.method} {answer.url}: {answer.text[:200]}")
        return False


def check_kept(client: Client, traffic: Traffic) -> None:
    """Of what was accepted nothing is lost, and what was deleted is gone."""
    assert traffic.refused == []
    assert misremembered(traffic, statuses(client, traffic)) == [], traffic.unknown


def statuses(client: Client, traffic: Traffic) -> dict[str, str]:
    """Of all servers that there should be, or should have been."""
    return {uuid: client.status(uuid) for uuid in {*traffic.accepted, *traffic.deleted}}


def misremembered(traffic: Traffic, found: Mapping[str, str]) -> list[str]:
    """What is gone though nobody deleted it, and what is there though it was deleted."""
    deleted = set(traffic.deleted)
    maybe = " ".join(traffic.unknown)
    return [
        f"{uuid} is {status}"
        for uuid, status in found.items()
        if (uuid in deleted) != (status == "404") and not (uuid in maybe and status == "404")
    ]
