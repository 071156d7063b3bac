"""What a program that is started by hand says when it cannot start."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("connection", "reason"),
    [
        ("sqlite:////nowhere/at/all.sqlite", "unable to open database file"),
        ("mariadb://user:secret@127.0.0.1:1/minicloud", "Connection refused"),
        ("secret", "[database] connection is no URL"),
        ("oracle://user:secret@host/minicloud", "[database] connection is no URL"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_clear_line(
    connection: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "minicloud.conf"
    file.write_text(f"[database]\nconnection = {connection}\n")
    words = ["-m", "minicloud.cmd.manage", "--config-file", str(file), "db", "version"]

    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, timeout=60
    )

    (line,) = done.stderr.splitlines()
    assert reason in line
    assert "secret" not in line
    assert done.returncode == 1
