"""Fifteen advisories of OpenStack's security team, each as a promise, and its bug brought back.

In every file functions say what must hold of a cloud. Some tests ask that of the cloud as it is,
the others of a cloud in which a bug was planted again, and there it has to fail.
"""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def demands_failure() -> Iterator[None]:
    """What is asked inside must find that something is wrong."""
    try:
        yield
    except AssertionError:
        return
    raise RuntimeError("the bug was planted, and nothing found it")
