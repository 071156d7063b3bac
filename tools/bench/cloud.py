"""A cloud to measure: started for the purpose, or one that runs; and a lean client for it."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from minicloud.runtime.ports import free_port


def say(text: str) -> None:
    """Progress, on stderr: stdout is for the result."""
    print(text, file=sys.stderr, flush=True)


@dataclass
class Cloud:
    host: str
    port: int
    state_dir: Path
    started_s: float
    token: str = field(default="", repr=False)

    def connect(self) -> "Client":
        return Client(self)

    def run_file(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.state_dir / "run.json").read_text())
        return found

    def processes(self) -> dict[str, psutil.Process]:
        """Name -> process, of everything that the cloud runs."""
        children = self.run_file()["children"]
        return {child["name"]: psutil.Process(child["pid"]) for child in children}

    def cpu_s(self) -> dict[str, float]:
        """Name -> processor seconds used so far, helpers of the servers included."""
        used = {}
        for name, process in self.processes().items():
            family = [process, *process.children(recursive=True)]
            used[name] = sum(sum(p.cpu_times()[:2]) for p in family)
        return used

    def memory_mb(self) -> dict[str, float]:
        return {n: round(p.memory_info().rss / 2**20, 1) for n, p in self.processes().items()}


class Client:
    """One kept-alive connection."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._connection = http.client.HTTPConnection(cloud.host, cloud.port, timeout=60)

    def call(
        self, method: str, path: str, body: Any = None, version: str = "2.1"
    ) -> tuple[int, Any]:
        """(status, JSON of the answer)."""
        headers = {
            "X-Auth-Token": self._cloud.token,
            "Content-Type": "application/json",
            "OpenStack-API-Version": f"compute {version}",
        }
        payload = json.dumps(body) if body is not None else None
        self._connection.request(method, path, payload, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.getheader("X-Subject-Token"):
            self._cloud.token = answer.getheader("X-Subject-Token") or ""
        return answer.status, json.loads(content) if content else None

    def boot(self, name: str, flavor: str = "42", **more: Any) -> tuple[int, Any]:
        server = {"name": name, "flavorRef": flavor, "imageRef": self.image(), **more}
        return self.call("POST", "/compute/v2.1/servers", {"server": server})

    def image(self) -> str:
        if not hasattr(self._cloud, "_image"):
            _status, found = self.call("GET", "/image/v2/images?name=cirros")
            self._cloud._image = found["images"][0]["id"]  # type: ignore[attr-defined]
        return str(self._cloud._image)  # type: ignore[attr-defined]

    def log_in(self, user: str, password: str, project: str) -> None:
        domain = {"id": "default"}
        who = {"user": {"name": user, "domain": domain, "password": password}}
        body = {
            "auth": {
                "identity": {"methods": ["password"], "password": who},
                "scope": {"project": {"name": project, "domain": domain}},
            }
        }
        status, _answer = self.call("POST", "/identity/v3/auth/tokens", body)
        if status != 201:
            raise SystemExit(f"cannot log in: {status}")


@contextmanager
def started(arguments: Sequence[str], settings: Sequence[str] = ()) -> Iterator[Cloud]:
    """A cloud of its own in a fresh state directory, with generous quotas; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="minicloud-bench-") as directory:
        port, password = free_port(), "measured"
        unlimited = [f"quota.{name}=-1" for name in ("instances", "cores", "ram")]
        words = [
            str(Path(sys.executable).parent / "minicloud"),
            "up",
            "--detach",
            f"--port={port}",
            f"--state-dir={directory}",
            *arguments,
            *(f"--set={setting}" for setting in (*unlimited, *settings)),
        ]
        environment = {**os.environ, "MINICLOUD_PASSWORD": password}
        began = time.perf_counter()
        subprocess.run(words, check=True, stdout=sys.stderr, env=environment)
        cloud = Cloud("127.0.0.1", port, Path(directory), time.perf_counter() - began)
        try:
            cloud.connect().log_in("admin", password, "admin")
            yield cloud
        finally:
            subprocess.run(
                [words[0], "down", f"--state-dir={directory}"], check=False, stdout=sys.stderr
            )
