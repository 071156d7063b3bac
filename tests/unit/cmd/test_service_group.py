"""What `minicloud up --servicegroup` makes of its word."""

import argparse
import shutil
from pathlib import Path

import pytest

from minicloud.cmd.service_group import Choice
from minicloud.errors import CannotStart
from minicloud.runtime.servers.etcd import Etcd


def choice(word: str) -> Choice:
    return Choice.of(argparse.Namespace(servicegroup=word))


@pytest.mark.parametrize(
    ("word", "url", "group", "options"),
    [
        ("zk", "zookeeper://127.0.0.1:7", "zookeeper", {"address": "127.0.0.1:7"}),
        ("mc", "memcached://127.0.0.1:7", "memcache", {"servers": "127.0.0.1:7"}),
        ("redis", "redis://:a$b@127.0.0.1:7", "redis", {"url": "redis://:a$$b@127.0.0.1:7"}),
        ("etcd", "etcd3+http://127.0.0.1:7", "etcd", {"url": "http://127.0.0.1:7"}),
    ],
)
def test_a_private_server_is_written_where_an_operator_would_write_it(
    word: str, url: str, group: str, options: dict[str, str]
) -> None:
    chosen = choice(word)
    assert chosen.kind is not None
    private = {chosen.kind.name: url, "mariadb": "mysql://x"}

    assert chosen.settings(private) == {"servicegroup": {"driver": word}, group: options}
    assert chosen.where(private) == f"{word}, {chosen.kind.name} at 127.0.0.1:7"


@pytest.mark.parametrize("word", ["db", "zookeeper://h1:2181,h2:2181"])
def test_what_exists_needs_no_server(word: str) -> None:
    chosen = choice(word)

    assert chosen.kind is None
    assert chosen.settings({}) == {"servicegroup": {"driver": word}}
    assert chosen.where({}) == word


def test_a_password_is_told_to_nobody() -> None:
    assert choice("redis://:secret@cache:6379").where({}) == "redis://***@cache:6379"


def test_a_word_that_is_none_names_those_there_are() -> None:
    with pytest.raises(CannotStart, match=r"nonsense: expected zk, mc, redis, etcd, db, or a URL"):
        choice("nonsense")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("foo://host", "--servicegroup: foo:// keeps no members"),
        ("zookeeper://", "--servicegroup names no server"),
        ("zookeeper://h1,h2:x", "--servicegroup: 'h2:x' is not host:port"),
    ],
)
def test_a_url_that_makes_no_sense_is_told_with_the_option(url: str, told: str) -> None:
    with pytest.raises(CannotStart) as error:
        choice(url).check()

    assert told in str(error.value)


def test_a_missing_program_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_named: None)
    kind = choice("etcd").kind
    assert kind is Etcd

    with pytest.raises(CannotStart, match="apt-get install etcd-server"):
        kind(tmp_path / "etcd").check()
