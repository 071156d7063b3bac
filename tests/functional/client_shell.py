"""The real `openstack` client, kept running: one line of JSON in, one out, for each command.

The client is unmodified; only its start, which takes more than a second, is done once. It runs in
a process of its own, as it sets up logging for all of it.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.functional.clouds import PASSWORD, PROGRAMS, Cloud

_PATIENCE_S = 120.0


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(cloud: Cloud, user: str = "admin") -> dict[str, str]:
    """What `minicloud env` exports, and nothing else that the client might read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    return kept | {
        "OS_AUTH_URL": f"{cloud.url}/identity/v3",
        "OS_USERNAME": user,
        "OS_PASSWORD": PASSWORD,
        "OS_PROJECT_NAME": user,
        "OS_USER_DOMAIN_ID": "default",
        "OS_PROJECT_DOMAIN_ID": "default",
        "OS_IDENTITY_API_VERSION": "3",
        "PYTHONWARNINGS": "ignore",
    }


def executable(cloud: Cloud, *words: str) -> Said:
    """Run the program `openstack` itself."""
    done = subprocess.run(
        [PROGRAMS / "openstack", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(cloud),
        text=True,
        check=False,
        timeout=_PATIENCE_S,
    )
    return Said(done.returncode, done.stdout, done.stderr)


class Shell:
    """The client in a process that takes many commands, as one user."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environ),
            text=True,
        )

    def run(self, command: str, *more: str) -> Said:
        """Run a command, given as a line without quotes and words that may hold anything."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([*command.split(), *more]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the client died over {command}"
        return Said(*json.loads(answer))

    def json(self, command: str, *more: str) -> Any:
        """Run a command that must succeed; what it prints for programs."""
        said = self.run(command, *more, "-f", "json")
        assert said.code == 0, f"{command}: {said.err}"
        return said.json

    def ok(self, command: str, *more: str) -> str:
        """Run a command that must succeed; what it prints."""
        said = self.run(command, *more)
        assert said.code == 0, f"{command}: {said.err}"
        return said.out

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def _forget() -> None:
    """Each command logs in and finds its versions anew, as if the client had been started."""
    from osc_lib.clientmanager import ClientCache, ClientManager

    for kept in vars(ClientManager).values():
        if isinstance(kept, ClientCache):
            kept._handle = None


def main() -> None:
    from openstackclient import shell

    answers, commands = sys.stdout, sys.stdin
    sys.stdin = os.fdopen(os.openpty()[1])  # a terminal: from elsewhere it would read an image
    for line in commands:
        _forget()
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = shell.main(json.loads(line))
            except SystemExit as end:  # argparse
                code = end.code if isinstance(end.code, int) else 2
        answers.write(json.dumps([code, out.getvalue(), err.getvalue()]) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
