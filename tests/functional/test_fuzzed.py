"""Made-up requests, good and bad, to every route: each answer is one that the document declares.

Nothing ends in a 500. With MINICLOUD_FUZZ_EXAMPLES=200 it looks longer than it does by itself, and
with another MINICLOUD_SEED at other requests.
"""

from collections.abc import Iterator

import pytest
from schemathesis import GenerationMode

from tests.functional.fuzzed import ADMIN, MEMBER, Fuzz, broken_promises, fuzzed_cloud


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzz]:
    with fuzzed_cloud(tmp_path_factory.mktemp("fuzzed")) as fuzz:
        yield fuzz


GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CASES = [
    (104, ADMIN, GOOD),
    (104, ADMIN, BAD),
    (104, MEMBER, GOOD),
    (60, ADMIN, BAD),
    (35, MEMBER, BAD),
    (35, ADMIN, GOOD),
    (1, ADMIN, GOOD),
]


@pytest.mark.parametrize(("version", "token", "mode"), CASES)
def test_no_answer_is_other_than_the_document_says(
    fuzz: Fuzz, caplog: pytest.LogCaptureFixture, version: int, token: str, mode: GenerationMode
) -> None:
    found = broken_promises(fuzz, version, token, mode)

    assert found == []
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
