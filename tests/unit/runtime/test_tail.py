from pathlib import Path

from minicloud.runtime import tail


def everything(_line: str) -> bool:
    return True


def test_lines_of_several_logs_come_in_the_order_of_time(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("2026-01-01 00:00:01.000 one\n2026-01-01 00:00:03.000 three\n")
    (tmp_path / "b").write_text("2026-01-01 00:00:02.000 two\n  and its traceback\n")

    lines = tail.ends({"a": tmp_path / "a", "b": tmp_path / "b"}, 10, everything)

    assert [line.split()[-1] for _, line in lines] == ["one", "two", "traceback", "three"]


def test_only_the_last_lines_that_are_wanted_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("".join(f"line {number}\n" for number in range(100)))

    lines = tail.ends({"a": tmp_path / "a"}, 2, lambda line: line.endswith("5"))

    assert lines == [("a", "line 85"), ("a", "line 95")]
