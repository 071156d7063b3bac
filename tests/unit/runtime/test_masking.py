"""What is secret by its name is told to nobody."""

import logging
from pathlib import Path
from typing import Any

import pytest
from oslo_config import cfg

from minicloud.runtime import log
from minicloud.runtime.masking import HIDDEN, masked, without_secrets

_SECRET = "canary7x"


@pytest.mark.parametrize(
    "text",
    [
        '{"server": {"name": "vm", "adminPass": "canary7x", "flavorRef": "1"}}',
        "{'server': {'name': 'vm', 'adminPass': 'canary7x', 'flavorRef': '1'}}",
        '{"auth": {"password": {"user": {"password": "canary7x"}}}}',
        '{"metadata": {"api_token": "canary7x"}}',
        'asked: b\'{"user_data": "canary7x"}\'',
        "X-Auth-Token: canary7x",
        "GET /console/?token=canary7x HTTP/1.1",
        "x_subject_token=canary7x&a=b",
        "os_password = canary7x",
        "cannot reach amqp://minicloud:canary7x@127.0.0.1:5672/",
        "transport_url = rabbit://minicloud:canary7x@h:1,minicloud:b@h:2/",
        "mysql+pymysql://root:canary7x@127.0.0.1/minicloud refused",
    ],
)
def test_a_line_shows_no_secret(text: str) -> None:
    assert _SECRET not in masked(text)
    assert HIDDEN in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "spawn 8ad0 on node1: done",
        "POST http://127.0.0.1:8774/compute/v2.1/servers",
        "the token could not be looked up",
        "a password is wanted",
    ],
)
def test_a_line_without_one_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_a_document_keeps_all_that_is_no_secret() -> None:
    document: Any = {"server": [{"name": "vm", "adminPass": "x", "n": {"user_data": [1]}}]}

    shown = without_secrets(document)

    assert shown == {"server": [{"name": "vm", "adminPass": HIDDEN, "n": {"user_data": HIDDEN}}]}


def test_a_document_of_any_depth_is_shown() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}

    assert HIDDEN in str(without_secrets(deep))


def test_every_line_of_a_program_is_masked(tmp_path: Path) -> None:
    conf = cfg.ConfigOpts()
    log.register_opts(conf)
    file = tmp_path / "log"
    conf(["--log-file", str(file)], default_config_files=[], default_config_dirs=[])
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        log.setup(conf)
        try:
            raise ValueError("adminPass=canary7x")
        except ValueError:
            logging.getLogger("minicloud.test").exception("with password=%s", "canary7x")
    finally:
        root.handlers, root.level = handlers, level

    said = file.read_text()
    assert "Traceback" in said
    assert HIDDEN in said
    assert _SECRET not in said
