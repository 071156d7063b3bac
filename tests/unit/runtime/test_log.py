"""What a line of the log says of the error that is being handled."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from oslo_config import cfg

from minicloud.runtime import log


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What is logged below `line`, as the programs log it."""
    conf = cfg.ConfigOpts()
    log.register_opts(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    from oslo_log.formatters import ContextFormatter

    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(log._Masked(ContextFormatter(config=conf)))
    logger = logging.getLogger("line")
    logger.addHandler(handler)
    logger.propagate = False
    yield written
    logger.removeHandler(handler)
    logger.propagate = True


def _warn(text: str, error: Exception) -> None:
    try:
        raise error
    except Exception as caught:
        logging.getLogger("line").warning(text, caught)


def test_an_error_that_the_line_tells_is_told_once(lines: StringIO) -> None:
    _warn("cannot be reached: %s; going on", OSError("nobody is there"))

    assert lines.getvalue().count("nobody is there") == 1


def test_an_error_of_another_process_is_told_once_and_without_its_traceback(
    lines: StringIO,
) -> None:
    remote = type("NameTaken_Remote", (OSError,), {"__module__": "minicloud.errors_Remote"})
    try:
        raise remote("node1 is taken\nTraceback (most recent call last):\n ...")
    except OSError:
        logging.getLogger("line").warning("node1 is taken; waiting")

    assert lines.getvalue().rstrip().endswith("node1 is taken; waiting")


def test_an_error_that_the_line_does_not_tell_is_added(lines: StringIO) -> None:
    try:
        raise OSError("nobody is there")
    except OSError:
        logging.getLogger("line").warning("going on")

    assert "nobody is there" in lines.getvalue()
