"""A deployment of real programs that is made to fail, and the wait for its rest."""

import configparser
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from minicloud.db.engine import Database
from minicloud.runtime.runfile import Child
from tests.crash import rest
from tests.crash.client import Client
from tests.functional.clouds import PASSWORD, Cloud

REST_S = 30.0  # the promise: at rest this long after the last restart
RESTART_S = 60.0  # the supervisor waits up to 10 s when a program keeps dying
QUICK = {  # everything happens often, so that a test need not wait
    "servicegroup.report_interval_s": "1",
    "servicegroup.service_down_time_s": "5",
    "compute.poll_interval_s": "1",
    "compute.full_look_interval_s": "3",
    "compute.inventory_interval_s": "3",
    "conductor.lease_s": "2",
    "conductor.wait_for_hosts_s": "12",
    "rpc.call_timeout_s": "2",
}
FREE = {  # no quota, and the crash points are obeyed
    "DEFAULT.allow_fault_injection": "true",
    "quota.instances": "-1",
    "quota.cores": "-1",
    "quota.ram": "-1",
    "identity.bcrypt_rounds": "4",
}
TWO_OF_EACH = ("--computes", "2", "--hosts", "2", "--api-workers", "2", "--conductors", "2")


def until(
    done: Callable[[], bool], patience_s: float, what: Callable[[], object] = lambda: ""
) -> None:
    """Wait for it; `what` tells at the end of the patience why it was in vain."""
    end = time.monotonic() + patience_s
    while not done():
        assert time.monotonic() < end, f"not within {patience_s:.0f} s: {what()}"
        time.sleep(0.1)


class Deployment:
    """`minicloud up --processes`, a way to kill at a place, and the look into the books."""

    def __init__(self, root: Path) -> None:
        self.armed = root / "armed"
        self.armed.mkdir(parents=True)
        self.cloud = Cloud(root / "state", {"MINICLOUD_CRASH_DIR": str(self.armed)})

    def start(self, *words: str, options: dict[str, str]) -> None:
        settings = [word for name in options for word in ("--set", f"{name}={options[name]}")]
        self.cloud.up("--processes", *words, *settings)
        self.books = Database(self.option("database", "connection"), pool_size=2)
        self.client = Client(self.cloud.url, PASSWORD).log_in()

    def stop(self) -> None:
        self.cloud.down()
        self.books.dispose()

    # Failures.

    def arm(self, place: str) -> None:
        """The first process that arrives at the place dies there."""
        (self.armed / place).touch()

    def disarm(self) -> None:
        """What a test that failed has armed is not for the next one."""
        for place in self.armed.iterdir():
            place.unlink(missing_ok=True)

    def is_armed(self, place: str) -> bool:
        return (self.armed / place).exists()

    def kill(self, *services: str, number: int = signal.SIGKILL) -> list[Child]:
        """Send a signal to all processes of these services; returns what they were."""
        chosen = [child.name for service in services for child in self.of(service)]
        return [self.cloud.send(name, number) for name in chosen]

    def of(self, word: str) -> Sequence[Child]:
        return self.cloud.run().matching(word)

    def hosts_of(self, agent: str) -> list[str]:
        """The hosts that an agent looks after."""
        found = configparser.ConfigParser(interpolation=None)
        found.read(self.cloud.state.etc / f"{agent}.conf")
        return found["compute"]["hosts"].split(",")

    def wait_restarted(self, killed: Sequence[Child] = ()) -> None:
        """Wait until everything runs, and nothing of it is what was killed."""
        old = {(child.pid, child.process_started) for child in killed}

        def all_run() -> bool:
            children = self.cloud.run().children
            return all(
                c.state == "running" and c.alive and (c.pid, c.process_started) not in old
                for c in children
            )

        until(all_run, RESTART_S, lambda: [(c.name, c.state) for c in self.cloud.run().children])

    # Rest.

    def complaints(self) -> list[str]:
        return rest.complaints(self.books, self.cloud.state.data / "guests")

    def wait_for_rest(self, patience_s: float = REST_S) -> float:
        """Everything is as it should be within the patience; returns the seconds it took."""
        began = time.monotonic()
        until(lambda: not self.complaints(), patience_s, self.complaints)
        return time.monotonic() - began

    def log(self, service: str) -> str:
        files = {Path(child.log) for child in self.of(service)}
        return "".join(file.read_text(errors="replace") for file in sorted(files))

    def option(self, group: str, name: str) -> str:
        """What the configuration file of all programs says."""
        found = configparser.ConfigParser(interpolation=None)
        found.read(self.cloud.state.conf)
        return found[group][name].replace("$$", "$")
