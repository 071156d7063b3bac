"""A cloud as a person starts it: `minicloud up` in a directory of its own, in either mode."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from minicloud.cmd.state import State
from minicloud.runtime import pids, ports
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.runfile import Child, Run
from tests.servers import absent

PROGRAMS = Path(sys.executable).parent
CLOCK = SystemClock()
PATIENCE_S = 180.0
PASSWORD = "the operator's"


class Cloud:
    """The commands of the operator on one state directory."""

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        self.state = State(root)
        self.port = ports.free_port()
        self._environment = {**os.environ, "MINICLOUD_PASSWORD": PASSWORD, **(environment or {})}

    @property
    def url(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.port}"

    def call(self, *words: str, wants: int | None = 0) -> str:
        """Run `minicloud`; returns all that it prints."""
        done = subprocess.run(
            [PROGRAMS / "minicloud", *words, "--state-dir", self.state.root],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert wants is None or done.returncode == wants, done.stdout
        return done.stdout

    def up(self, *words: str, wants: int | None = 0) -> str:
        """Start it and wait until it serves; without a server program the test is skipped."""
        said = self.call("up", "--detach", "--port", str(self.port), *words, wants=None)
        if "apt-get install" in said:
            absent(said)
        assert wants is None or ("minicloud is up" in said) == (wants == 0), said
        return said

    def down(self) -> None:
        self.call("down")

    def run(self) -> Run:
        found = self.state.run()
        assert found is not None, "it does not run"
        return found

    def child(self, name: str) -> Child:
        return next(child for child in self.run().children if child.name == name)

    def send(self, name: str, number: int) -> Child:
        """Send a signal to one process of the cloud; returns what it was."""
        child = self.child(name)
        assert pids.send(child.pid, child.process_started, number), f"{name} does not run"
        return child
