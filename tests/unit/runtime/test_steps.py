"""Numbered steps: a process ends where it was told to, once."""

import signal
import subprocess
import sys
from pathlib import Path

from minicloud.runtime.steps import from_environment, nothing

_PROGRAM = """
import os
from minicloud.runtime.steps import from_environment
reach = from_environment(dict(os.environ))
for place in ("a:before", "a:after", "b:before"):
    reach(place)
    print(place, flush=True)
"""


def _run(armed: Path | None) -> tuple[int, list[str]]:
    environment = {"MINICLOUD_CRASH_DIR": str(armed)} if armed else {}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    return done.returncode, done.stdout.split()


def test_a_process_ends_by_sigkill_at_the_place_that_is_armed(tmp_path: Path) -> None:
    (tmp_path / "a:after").touch()

    code, reached = _run(tmp_path)

    assert code == -signal.SIGKILL
    assert reached == ["a:before"]


def test_it_ends_there_once(tmp_path: Path) -> None:
    (tmp_path / "a:after").touch()
    _run(tmp_path)

    code, reached = _run(tmp_path)

    assert code == 0
    assert reached == ["a:before", "a:after", "b:before"]


def test_without_a_word_in_the_environment_nothing_happens() -> None:
    assert from_environment({}) is nothing
    assert _run(None)[0] == 0
