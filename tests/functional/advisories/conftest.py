"""A cloud of its own for each test, with two people who have nothing to do with one another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.whole import Person, Whole


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Whole]:
    made = Whole(tmp_path)
    yield made
    made.books.dispose()


@pytest.fixture
def alice(cloud: Whole) -> Person:
    return cloud.person("alice", "one")


@pytest.fixture
def bob(cloud: Whole) -> Person:
    return cloud.person("bob", "two")
