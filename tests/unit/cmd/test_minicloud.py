"""The command line, with a cloud that is only described in run.json."""

import json
import os
import sys
from pathlib import Path

import pytest

from minicloud.cmd import minicloud
from minicloud.cmd.state import State, default_root
from minicloud.runtime import lock, pids, ports, runfile


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State(tmp_path / "a space")
    made.make()
    return made


def call(monkeypatch: pytest.MonkeyPatch, state: State, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["minicloud", *words, "--state-dir", str(state.root)])
    return minicloud.main()


def describe(state: State, mode: str, port: int = 8774) -> None:
    started = pids.start_time(os.getpid()) or ""
    now = "2026-01-01T00:00:00Z"
    children = [
        runfile.Child(name, name.split("-")[0], os.getpid(), started, "running", 2, now, "log")
        for name in ("api-1", "compute-1", "compute-2")
    ]
    urls = {"api": f"http://127.0.0.1:{port}"}
    run = runfile.Run(
        mode, "ready", os.getpid(), started, now, "1.0", 3, urls, {}, children=children
    )
    run.write(state.run_file)


@pytest.mark.parametrize(
    "command",
    [
        *(["status"], ["env"], ["kill", "api"], ["restart", "api"]),
        *(["explain", "server"], ["whatif", "--flavor", "m1.tiny"]),
    ],
)
def test_where_nothing_runs_it_says_so(
    command: list[str],
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(monkeypatch, state, *command) == 3
    assert f"no cloud runs in {state.root}" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["kill", "restart"])
def test_a_name_that_is_not_there_is_answered_with_those_that_are(
    command: str,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    describe(state, runfile.PROCESSES)

    assert call(monkeypatch, state, command, "nova") == 2
    assert "there are: api, api-1, compute, compute-1, compute-2" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["kill", "restart"])
def test_in_one_process_there_is_nothing_to_kill_or_restart(
    command: str,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    describe(state, runfile.EMBEDDED)

    assert call(monkeypatch, state, command, "compute") == 2
    assert "this cloud is one process" in capsys.readouterr().err


def test_status_is_a_table(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    describe(state, runfile.PROCESSES)

    assert call(monkeypatch, state, "status") == 0
    out = capsys.readouterr().out
    assert "http://127.0.0.1:8774, 3 hosts, 3 processes" in out
    assert all(word in out for word in ("compute-2", "running", "restarts", "memory"))


def test_status_for_programs_is_json(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    describe(state, runfile.PROCESSES)

    assert call(monkeypatch, state, "status", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [child["name"] for child in found["children"]] == ["api-1", "compute-1", "compute-2"]
    assert found["children"][0]["memory_bytes"] > 0


def test_a_cloud_that_was_killed_is_not_shown_as_running(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(state, runfile.PROCESSES)
    values = json.loads(state.run_file.read_text())
    state.run_file.write_text(json.dumps({**values, "process_started": "1"}))

    assert call(monkeypatch, state, "status") == 3


def test_started_twice_it_says_where_the_first_one_is(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    describe(state, runfile.EMBEDDED)

    with lock.only_one(state.lock):
        assert call(monkeypatch, state, "up", "--port", str(ports.free_port())) == 1

    err = capsys.readouterr().err
    assert "already runs" in err
    assert f"pid {os.getpid()}, http://127.0.0.1:8774" in err


@pytest.mark.parametrize("mode", [[], ["--processes"]])
def test_a_port_in_use_is_one_clear_line(
    mode: list[str],
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    port = ports.free_port()

    with ports.listen(port):
        assert call(monkeypatch, state, "up", "--port", str(port), *mode) == 1

    assert f"port {port} is in use by another program" in capsys.readouterr().err


def test_logs_names_what_there_is(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (state.logs / "compute-1.log").write_text("2026-01-01 00:00:01 one\n")
    (state.logs / "compute-2.log").write_text("2026-01-01 00:00:02 two\n")

    assert call(monkeypatch, state, "logs", "compute") == 0
    assert "compute-2 | 2026-01-01 00:00:02 two" in capsys.readouterr().out
    assert call(monkeypatch, state, "logs", "nova") == 2
    assert "there are: compute, compute-1, compute-2" in capsys.readouterr().err


def test_logs_of_one_process_are_chosen_by_logger(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state.embedded_log.write_text(
        "2026-01-01 00:00:01 1 INFO minicloud.compute.service [-] built\n"
        "2026-01-01 00:00:02 1 INFO minicloud.scheduler.select [-] chose\n"
    )

    assert call(monkeypatch, state, "logs", "compute") == 0
    out = capsys.readouterr().out
    assert "built" in out
    assert "chose" not in out


def test_the_state_directory_follows_the_environment() -> None:
    assert default_root({"MINICLOUD_STATE_DIR": "/a", "HOME": "/h"}) == Path("/a")
    assert default_root({"XDG_STATE_HOME": "/x", "HOME": "/h"}) == Path("/x/minicloud")
    assert default_root({"HOME": "/h"}) == Path("/h/.local/state/minicloud")


def test_without_a_command_it_shows_its_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["minicloud"])

    assert minicloud.main() == 2
    assert "start a cloud" in capsys.readouterr().err


@pytest.mark.parametrize(
    "word",
    ["--computes=2", "--database=postgresql", "--broker=rabbit://x", "--servicegroup=zk"],
)
def test_what_only_many_processes_have_is_refused_for_one(
    word: str,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        call(monkeypatch, state, "up", word)

    assert "add --processes" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["up", "down", "status", "env"])
def test_a_state_directory_that_is_none_is_one_clear_line(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "file"
    file.touch()

    assert call(monkeypatch, State(file / "below"), command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "Not a directory" in line


def test_an_api_that_does_not_answer_is_told_by_status(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    describe(state, runfile.PROCESSES, port=ports.free_port())
    state.password.write_text("secret\n")

    assert call(monkeypatch, state, "status") == 0
    assert "the API does not answer" in capsys.readouterr().out
