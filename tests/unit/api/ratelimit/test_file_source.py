"""A file of limits that is edited while it is used."""

import logging
import os
from pathlib import Path

import pytest

from minicloud.api.ratelimit.file_source import LOOK_EVERY_S, FileSource
from minicloud.errors import CannotStart
from minicloud.runtime.clock import SystemClock


class HandClock(SystemClock):
    """Stands still between two moves of the hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at


def text(value: int) -> str:
    return f"limits: [{{name: all, value: {value}, unit: MINUTE}}]\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "limits.yaml"
    path.write_text(text(10))
    return path


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def source(path: Path, clock: HandClock) -> FileSource:
    return FileSource(path, clock)


def value(source: FileSource) -> int:
    return source.table().limits[0].value


def replace(path: Path, new: str) -> None:
    """As careful editors do: a file with another inode takes its place."""
    beside = path.with_suffix(".new")
    beside.write_text(new)
    beside.replace(path)


def test_an_edit_counts_at_the_next_look(source: FileSource, clock: HandClock, path: Path) -> None:
    before = source.table().version

    replace(path, text(20))

    assert value(source) == 10
    clock.at += LOOK_EVERY_S
    assert value(source) == 20
    assert source.table().version > before


def test_an_edit_that_keeps_size_and_time_counts(
    source: FileSource, clock: HandClock, path: Path
) -> None:
    seen = path.stat()

    replace(path, text(20))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))

    clock.at += LOOK_EVERY_S
    assert path.stat().st_size == seen.st_size
    assert value(source) == 20


def test_an_older_file_that_is_put_back_has_a_newer_version(
    source: FileSource, clock: HandClock, path: Path
) -> None:
    before = source.table().version

    replace(path, text(20))
    os.utime(path, (1, 1))

    clock.at += LOOK_EVERY_S
    assert source.table().version > before


@pytest.mark.parametrize("broken", ["limits: [", "", "limits: [{name: all}]", None, b"\xff\xfe"])
def test_a_broken_edit_keeps_the_old_limits_and_is_logged_once(
    source: FileSource,
    clock: HandClock,
    path: Path,
    broken: str | bytes | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if broken is None:
        path.unlink()
    else:
        path.write_bytes(broken if isinstance(broken, bytes) else broken.encode())

    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            clock.at += LOOK_EVERY_S
            assert value(source) == 10

    (said,) = caplog.messages
    assert str(path) in said
    assert said.endswith("the limits stay as they are")


def test_limits_go_on_when_the_file_is_mended(
    source: FileSource, clock: HandClock, path: Path
) -> None:
    path.write_text("limits: [")
    clock.at += LOOK_EVERY_S
    source.table()

    path.write_text(text(30))

    clock.at += LOOK_EVERY_S
    assert value(source) == 30


def test_between_two_looks_the_file_is_left_alone(
    source: FileSource, clock: HandClock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []
    monkeypatch.setattr(
        "minicloud.api.ratelimit.file_source._look", lambda path: looks.append(path)
    )

    for _ in range(100):
        clock.at += LOOK_EVERY_S / 50
        source.table()

    assert len(looks) == 2


@pytest.mark.parametrize("broken", ["limits: [", None])
def test_a_program_does_not_start_on_a_file_that_cannot_be_read(
    path: Path, clock: HandClock, broken: str | None
) -> None:
    path.unlink()
    if broken:
        path.write_text(broken)

    with pytest.raises(CannotStart, match=str(path)):
        FileSource(path, clock)
