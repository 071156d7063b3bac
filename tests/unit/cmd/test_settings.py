from pathlib import Path

import pytest
from oslo_config import cfg

from minicloud.cmd import settings
from minicloud.cmd.state import State
from minicloud.conf import register_opts
from minicloud.errors import CannotStart


def test_oslo_config_reads_what_is_written(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.make()
    url = settings.literal("mysql://minicloud:a$b@127.0.0.1/minicloud")
    parsed = settings.parse(["quota.instances=-1", "DEFAULT.host=a-host"])

    settings.write(state, "minicloud.conf", {"database": {"connection": url}}, parsed)

    conf = register_opts(cfg.ConfigOpts())
    conf(["--config-file", str(state.conf)], project="minicloud")
    assert conf.database.connection == "mysql://minicloud:a$b@127.0.0.1/minicloud"
    assert conf.quota.instances == -1
    assert conf.host == "a-host"


def test_the_last_value_counts(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.make()

    settings.write(state, "minicloud.conf", {"api": {"port": "1"}}, {"api": {"port": "2"}})

    assert "port = 2" in state.conf.read_text()
    assert "port = 1" not in state.conf.read_text()


@pytest.mark.parametrize(
    "word", ["instances=1", "quota.instances", ".instances=1", "quota.=1", ""]
)
def test_what_names_no_option_is_refused_in_one_line(word: str) -> None:
    with pytest.raises(CannotStart, match=r"expected group\.option=value"):
        settings.parse([word])
