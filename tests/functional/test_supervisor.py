"""The supervisor with real processes: small programs that stand in for those of the cloud."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from minicloud.errors import CannotStart
from minicloud.runtime import pids, ports, runfile
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.control import Control, ask
from minicloud.runtime.processes import Program, Supervisor

CLOCK = SystemClock()
SERVES = (
    "import os, pathlib, signal, time\n"
    "signal.signal(signal.SIGTERM, lambda *_: exit(0))\n"
    "pathlib.Path(os.environ['MINICLOUD_READY_FILE']).touch()\n"
    "time.sleep(600)\n"
)
DIES = "import sys\nsys.exit('unknown filter: NoFilter')\n"
DEAF = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVES.replace(
    "signal.signal(signal.SIGTERM, lambda *_: exit(0))\n", ""
)


class House:
    """A supervisor, driven by the test instead of by its own loop."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[str] = []
        self.children: list[runfile.Child] = []
        self.control = Control(root)
        self.supervisor = Supervisor(CLOCK, self.said.append, self._changed, self.control)

    def start(self, name: str, code: str = SERVES, **options: Any) -> None:
        service = name.rpartition("-")[0]
        self.supervisor.start(
            Program(
                name=name,
                service=service,
                argv=(sys.executable, "-c", code),
                log=self.root / f"{name}.log",
                ready_directory=self.root,
                **options,
            )
        )

    def serve(self, *names: str, **options: Any) -> None:
        for name in names:
            self.start(name, **options)
        self.supervisor.wait_ready(names, threading.Event())

    def until(self, done: Callable[[], bool], patience_s: float = 20.0) -> None:
        until = CLOCK.monotonic() + patience_s
        while not done():
            assert CLOCK.monotonic() < until, self.said
            self.supervisor.step()
            CLOCK.sleep(0.01)

    def restart(self, *names: str) -> list[str | bool]:
        """What `minicloud restart` hears, while the supervisor goes on."""
        answers: list[str | bool] = []
        path, words = str(self.control.path), {"restart": list(names)}
        client = threading.Thread(target=lambda: answers.extend(ask(path, words)))
        client.start()
        self.until(lambda: not client.is_alive())
        return answers

    def pid(self, name: str) -> int:
        return self.child(name).pid

    def child(self, name: str) -> runfile.Child:
        return next(child for child in self.children if child.name == name)

    def running(self, name: str) -> bool:
        return self.child(name).state == "running"

    def _changed(self, children: list[runfile.Child]) -> None:
        self.children = children


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    root = tmp_path / "a space"
    root.mkdir()
    made = House(root)
    yield made
    made.supervisor.stop()
    made.control.close()


def test_a_child_killed_with_9_comes_back(house: House) -> None:
    house.serve("compute-1")
    before = house.pid("compute-1")

    os.kill(before, signal.SIGKILL)
    house.until(lambda: house.pid("compute-1") != before and house.running("compute-1"))

    assert house.child("compute-1").restarts == 1
    assert house.said == [
        f"compute-1 (pid {before}) was killed by SIGKILL; starting it again in 0.2 s"
    ]


def test_what_keeps_dying_is_started_ever_more_seldom(house: House) -> None:
    house.start("scheduler-1", DIES)

    house.until(lambda: len(house.said) == 4)

    assert [line.rpartition(" in ")[2] for line in house.said] == [
        "0.2 s",
        "0.4 s",
        "0.8 s",
        "1.6 s",
    ]


def test_a_first_start_that_fails_says_why(house: House) -> None:
    house.start("scheduler-1", DIES)

    with pytest.raises(CannotStart, match=r"(?s)scheduler-1 ended with code 1.*NoFilter"):
        house.supervisor.wait_ready(["scheduler-1"], threading.Event())


def test_a_rolling_restart_replaces_one_process_after_the_other(house: House) -> None:
    house.serve("compute-1", "compute-2", "compute-3")
    before = {name: house.pid(name) for name in ("compute-1", "compute-2", "compute-3")}
    fewest = 3

    def look(children: list[runfile.Child]) -> None:
        nonlocal fewest
        house.children = children
        fewest = min(fewest, sum(pids.start_time(child.pid) is not None for child in children))

    house.supervisor._changed = look
    answers = house.restart(*before)

    after = {name: house.pid(name) for name in before}
    assert answers == [
        *(f"{name} restarted: pid {before[name]} -> {after[name]}" for name in before),
        True,
    ]
    assert fewest >= 2
    assert all(house.running(name) for name in before)


def test_a_successor_serves_before_its_predecessor_goes(house: House) -> None:
    house.serve("api-1", overlap=True)
    before = house.pid("api-1")
    alive_when_new_was_ready = []
    launch = Program.launch

    def watch(spec: Program, instead_of: int = 0) -> object:
        life = launch(spec, instead_of)
        is_ready = life.is_ready

        def ready() -> bool:
            if is_ready():
                alive_when_new_was_ready.append(pids.start_time(before) is not None)
                return True
            return False

        life.is_ready = ready
        return life

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Program, "launch", watch)
        answers = house.restart("api-1")

    assert answers[-1] is True
    assert alive_when_new_was_ready == [True]
    assert pids.start_time(before) is None


def test_a_successor_is_told_whose_place_it_takes(house: House) -> None:
    says = "import os\nprint(os.environ.get('MINICLOUD_PREDECESSOR', 'nobody'), flush=True)\n"
    house.start("api-1", says + SERVES, overlap=True)
    house.supervisor.wait_ready(["api-1"], threading.Event())
    first = house.child("api-1").pid

    house.restart("api-1")

    assert (house.root / "api-1.log").read_text().split() == ["nobody", str(first)]


def test_a_successor_that_cannot_start_leaves_the_old_process_in_place(house: House) -> None:
    marker = house.root / "once"
    once = f"import pathlib\npathlib.Path({str(marker)!r}).touch(exist_ok=False)\n"
    house.start("api-1", once + SERVES, overlap=True)
    house.supervisor.wait_ready(["api-1"], threading.Event())
    before = house.pid("api-1")

    answers = house.restart("api-1")

    assert answers[-1] is False
    assert "the old one stays" in str(answers[0])
    assert house.pid("api-1") == before
    assert house.running("api-1")


def test_a_listening_socket_that_is_passed_on_refuses_nobody_while_processes_change(
    house: House,
) -> None:
    answering = (
        "import os, pathlib, signal, socket, sys\n"
        "stopping = []\n"
        "signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))\n"
        "server = socket.socket(fileno=int(sys.argv[1]))\n"
        "server.settimeout(0.2)\n"
        "pathlib.Path(os.environ['MINICLOUD_READY_FILE']).touch()\n"
        "while not stopping:  # what it has accepted it answers\n"
        "    try: link, _ = server.accept()\n"
        "    except TimeoutError: continue\n"
        "    link.sendall(b'here'); link.close()\n"
    )
    port = ports.free_port()
    with ports.listen(port) as listening:
        fd = listening.fileno()
        house.supervisor.start(
            Program(
                name="api-1",
                service="api",
                argv=(sys.executable, "-c", answering, str(fd)),
                log=house.root / "api-1.log",
                ready_directory=house.root,
                pass_fds=(fd,),
                overlap=True,
            )
        )
        house.supervisor.wait_ready(["api-1"], threading.Event())
        stop, answers = threading.Event(), []

        def call() -> None:
            while not stop.is_set():
                with socket.create_connection(("127.0.0.1", port), 5) as link:
                    answers.append(link.recv(4))
                CLOCK.sleep(0.005)

        client = threading.Thread(target=call)
        client.start()
        done = [house.restart("api-1")[-1] for _ in range(3)]
        stop.set()
        client.join()

    assert done == [True, True, True]
    assert set(answers) == {b"here"}


def test_stop_ends_the_api_first_and_servers_last(house: House) -> None:
    trace = house.root / "trace"
    code = (
        "import os, pathlib, signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(trace)!r}, 'a').write(os.environ['WHO'] + ' ')\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path(os.environ['MINICLOUD_READY_FILE']).touch()\n"
        "time.sleep(600)\n"
    )
    for name, rank in (("mariadb", 2), ("conductor-1", 1), ("api-1", 0)):
        house.start(name, code.replace("os.environ['WHO']", repr(name)), stop_rank=rank)
    house.supervisor.wait_ready(["mariadb", "conductor-1", "api-1"], threading.Event())

    house.supervisor.stop()

    assert trace.read_text().split() == ["api-1", "conductor-1", "mariadb"]
    assert {child.state for child in house.children} == {"stopped"}


def test_what_does_not_obey_is_killed_after_the_patience(house: House) -> None:
    house.serve("compute-1")
    house.start("deaf-1", DEAF, stop_patience_s=0.3)
    house.supervisor.wait_ready(["deaf-1"], threading.Event())
    pid = house.pid("deaf-1")

    house.supervisor.stop()

    assert pids.start_time(pid) is None
    assert "deaf-1 did not stop within 0 s: killed" in house.said
