from pathlib import Path

from minicloud.runtime.passwords import kept_secret, secret


def test_the_password_of_the_first_start_stays(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "password", "swordfish")

    assert first == "swordfish"
    assert kept_secret(tmp_path / "password", "another") == "swordfish"
    assert kept_secret(tmp_path / "password") == "swordfish"


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    kept_secret(tmp_path / "password")

    assert (tmp_path / "password").stat().st_mode & 0o777 == 0o600


def test_no_two_are_alike_and_none_needs_quoting() -> None:
    made = {secret() for _ in range(100)}

    assert len(made) == 100
    assert all(word.isalnum() and len(word) >= 32 for word in made)
