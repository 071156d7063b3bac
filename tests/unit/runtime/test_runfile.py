import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from minicloud.runtime import pids, runfile


def child(name: str, service: str, pid: int = 0) -> runfile.Child:
    started = pids.start_time(pid) or "" if pid else ""
    return runfile.Child(name, service, pid, started, "running", 0, "2026-01-01T00:00:00Z", "log")


def run(*children: runfile.Child) -> runfile.Run:
    return runfile.Run(
        mode=runfile.PROCESSES,
        state="ready",
        pid=os.getpid(),
        process_started=pids.start_time(os.getpid()) or "",
        started_at="2026-01-01T00:00:00Z",
        version="1",
        hosts=2,
        urls={"api": "http://127.0.0.1:8774"},
        ports={},
        children=list(children),
    )


def test_what_was_written_is_read(tmp_path: Path) -> None:
    written = run(child("compute-1", "compute", os.getpid()))

    written.write(tmp_path / "run.json")

    assert runfile.read(tmp_path / "run.json") == written
    assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600


def test_a_broken_or_missing_file_means_that_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"mode": "em')

    assert runfile.read(tmp_path / "run.json") is None
    assert runfile.read(tmp_path / "nowhere") is None


def test_a_word_names_a_process_or_all_of_a_service() -> None:
    found = run(
        child("compute-1", "compute"), child("compute-2", "compute"), child("api-1", "api")
    )

    assert [c.name for c in found.matching("compute")] == ["compute-1", "compute-2"]
    assert [c.name for c in found.matching("compute-2")] == ["compute-2"]
    assert found.matching("nova") == []


def test_a_pid_that_another_process_has_now_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    was = child("compute-1", "compute", process.pid)
    now = replace(was, process_started="12345")

    assert was.alive
    assert not now.alive
    assert not pids.send(now.pid, now.process_started, 9)
    process.communicate()
    assert process.returncode == 1
