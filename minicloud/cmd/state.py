"""What is where in a state directory."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from minicloud.runtime import lock, runfile


@dataclass(frozen=True)
class State:
    """`minicloud up` writes here, the other commands look here."""

    root: Path

    def make(self) -> None:
        """Make the directories; what is in them is nobody else's business."""
        for directory in (self.root, self.etc, self.logs, self.data, self.ready):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def run(self) -> runfile.Run | None:
        """What runs here now; None when nothing does."""
        found = runfile.read(self.run_file)
        return found if found is not None and found.alive else None

    @property
    def starting(self) -> bool:
        """Whether some `up` holds the directory, even if it has not said yet what runs."""
        return lock.is_held(self.lock)

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def conf(self) -> Path:
        return self.etc / "minicloud.conf"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def own_books(self) -> str:
        """The address of the embedded cloud's database."""
        return f"sqlite:///{self.data / 'minicloud.sqlite'}"

    @property
    def servers(self) -> Path:
        return self.root / "servers"

    @property
    def ready(self) -> Path:
        return self.root / "ready"

    @property
    def run_file(self) -> Path:
        return self.root / "run.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def password(self) -> Path:
        return self.root / "password"

    @property
    def service_password(self) -> Path:
        """Of the user as whom the services ask a real Keystone about tokens."""
        return self.root / "service-password"

    @property
    def endpoints(self) -> Path:
        """The ids of the endpoints that this cloud has made in a real Keystone."""
        return self.root / "endpoints.json"

    @property
    def clouds(self) -> Path:
        return self.root / "clouds.yaml"

    @property
    def openrc(self) -> Path:
        return self.root / "openrc"

    @property
    def log(self) -> Path:
        """What the supervisor, or an embedded cloud's `up`, has said."""
        return self.logs / "supervisor.log"

    @property
    def embedded_log(self) -> Path:
        return self.logs / "minicloud.log"


def default_root(environ: Mapping[str, str]) -> Path:
    """$MINICLOUD_STATE_DIR, or what the XDG base directories say."""
    if environ.get("MINICLOUD_STATE_DIR"):
        return Path(environ["MINICLOUD_STATE_DIR"])
    home = environ.get("HOME") or os.path.expanduser("~")
    states = environ.get("XDG_STATE_HOME") or f"{home}/.local/state"
    return Path(states) / "minicloud"
