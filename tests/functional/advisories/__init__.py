"""Fifteen advisories of OpenStack's security team, each as a promise, and its bug brought back.

In every file functions say what must hold of a cloud. Some tests ask that of the cloud as it is,
the others of a cloud in which a bug was planted again, and there it has to fail.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HERE = Path(__file__).parent


@contextmanager
def demands_failure() -> Iterator[None]:
    """What is asked inside must find that something is wrong: the promise itself, and not the
    making of the people and servers that it is about."""
    try:
        yield
    except AssertionError as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        if Path(last.filename).parent != _HERE:
            raise RuntimeError("what failed is not the promise") from error
        return
    raise RuntimeError("the bug was planted, and nothing found it")
