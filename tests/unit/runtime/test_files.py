import pytest

from minicloud.errors import CannotStart
from minicloud.runtime.files import shipped


def test_migrations_are_found_in_a_checkout() -> None:
    assert shipped("share/minicloud/migrations/versions").is_dir()


def test_what_is_nowhere_stops_the_program_with_one_line() -> None:
    with pytest.raises(CannotStart, match="etc/minicloud/no-such-file is missing"):
        shipped("etc/minicloud/no-such-file")
