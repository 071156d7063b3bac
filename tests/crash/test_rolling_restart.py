"""`minicloud restart` of every program under load: nobody notices."""

import threading
from dataclasses import dataclass, field

import pytest
import requests

from tests.crash.client import Client
from tests.crash.deployment import Deployment


@dataclass
class Load:
    """Clients that create, show, list and delete without a pause; `wrong` is what failed."""

    client: Client
    stopping: threading.Event = field(default_factory=threading.Event)
    accepted: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    def start(self) -> list[threading.Thread]:
        kinds = (True, True, True, False, False)
        threads = [threading.Thread(target=self._work, args=(kind,)) for kind in kinds]
        for thread in threads:
            thread.start()
        return threads

    def _work(self, keep_alive: bool) -> None:
        client = self.client.like(keep_alive=keep_alive)
        while not self.stopping.is_set():
            try:
                self._turn(client)
            except (requests.RequestException, AssertionError) as error:
                self.wrong.append(f"keep-alive {keep_alive}: {error!r}")

    def _turn(self, client: Client) -> None:
        made = self._told(client.create("rolling"), 202)
        uuid = str(made.json()["server"]["id"])
        self.accepted.append(uuid)
        self._told(client.ask("GET", "/compute/v2.1/servers/detail?limit=20"), 200)
        self._told(client.show(uuid), 200)
        if len(self.accepted) > 30:
            self._told(client.delete(self.accepted.pop(0)), 204)
        self.stopping.wait(0.05)

    def _told(self, answer: requests.Response, expected: int) -> requests.Response:
        self.asked += 1
        assert answer.status_code == expected, f"{answer.request.method}: {answer.text[:300]}"
        return answer


@pytest.mark.parametrize("service", ["api", "conductor", "scheduler", "compute"])
def test_no_request_fails_while_a_service_is_restarted(
    deployment: Deployment, service: str
) -> None:
    load = Load(deployment.client)
    before = {child.pid for child in deployment.of(service)}

    clients = load.start()
    said = deployment.cloud.call("restart", service)
    load.stopping.wait(1.0)
    load.stopping.set()
    for client in clients:
        client.join(120)
    deployment.wait_for_rest()

    assert load.wrong == [], said
    assert load.asked > 50
    assert not before & {child.pid for child in deployment.of(service)}
    assert {deployment.client.status(uuid) for uuid in load.accepted} == {"ACTIVE"}
    for uuid in load.accepted:
        deployment.client.delete(uuid)
