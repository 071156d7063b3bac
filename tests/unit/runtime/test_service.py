from pathlib import Path

import pytest

from minicloud.runtime.service import READY_FILE, tell_ready


def test_a_supervisor_hears_that_the_program_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(READY_FILE, str(tmp_path / "ready"))

    tell_ready()

    assert (tmp_path / "ready").exists()


def test_without_a_supervisor_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(READY_FILE, raising=False)
    monkeypatch.chdir(tmp_path)

    tell_ready()

    assert list(tmp_path.iterdir()) == []
