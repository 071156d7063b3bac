"""A password that was not quoted in an address was read as its port, and repeated for that."""

import traceback

import pytest
from oslo_config import cfg

from minicloud import conf as options
from minicloud.api.ratelimit import sources
from minicloud.db.engine import driver_url
from minicloud.errors import CannotStart


@pytest.mark.parametrize("store", ["redis://:hunter2/x@host:6379", "redis://:hunter2#x@host"])
def test_of_redis(store: str) -> None:
    conf = options.register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("store", store, "ratelimit")

    with pytest.raises(CannotStart, match=r"\[ratelimit\] store") as said:
        sources.client(conf, 1.0)

    assert "hunter2" not in str(said.value)
    assert not said.value.__cause__


@pytest.mark.parametrize(
    "store",
    [
        "redis://host/0?password=a@hunter2",
        "redis://u:a@hunter2@host",
        "redis://host/0?password=hunter2",
    ],
)
def test_of_a_redis_that_is_shown(store: str) -> None:
    conf = options.register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("store", store, "ratelimit")

    assert sources.address(conf).removesuffix("/0") == "redis://host"


@pytest.mark.parametrize("url", ["mariadb://u:p@x:hunter2@host/db", "mysql://u:p@host:hunter2/db"])
def test_of_the_database(url: str) -> None:
    with pytest.raises(CannotStart, match=r"\[database\] connection") as said:
        driver_url(url)

    shown = "".join(traceback.format_exception(said.value))
    assert "hunter2" not in str(said.value)
    assert "invalid literal" not in shown
