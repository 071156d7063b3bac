"""What is told of an error of a library."""

import pytest
from kazoo.exceptions import ConnectionLoss
from tooz.coordination import OperationTimedOut

from minicloud.servicegroup.words import why


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionLoss(), "connection loss"),
        (OperationTimedOut(""), "operation timed out"),
        (OSError("refused\nand more"), "refused"),
        (OSError("redis://:s3cret@h:1"), "redis://***@h:1"),
    ],
)
def test_an_error_is_told_in_one_line_of_words_without_secrets(
    error: Exception, said: str
) -> None:
    assert why(error) == said
