"""A policy file whose disk failed, or that became a directory meanwhile, refused every request."""

import io
import os
from pathlib import Path
from typing import Any

import pytest

from minicloud.api.rulebook import files
from tests.unit.api.rulebook.policies import SHOW, allowed, policy_of


def test_the_rules_before_stay_while_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(f'"{SHOW}": "!"\n')
    policy = policy_of(tmp_path)

    class Failing(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    def failing(*_: Any, **__: Any) -> Failing:
        return Failing()

    file.write_text(f'"{SHOW}": "role:reader"\n')
    monkeypatch.setattr(files, "open", failing, raising=False)

    assert [allowed(policy, ["reader"], SHOW) for _ in range(3)] == [False] * 3
    monkeypatch.undo()
    assert allowed(policy, ["reader"], SHOW)


def test_a_directory_is_no_file_and_nothing_stays_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))

    said = {files.text(str(tmp_path)) for _ in range(5)}

    assert said == {"is no file"}
    assert len(os.listdir("/proc/self/fd")) == before
