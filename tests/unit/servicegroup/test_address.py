"""Where the service group is kept, by its options."""

from pathlib import Path

import pytest
from oslo_config import cfg

from minicloud import errors
from minicloud.conf import register_opts
from minicloud.servicegroup.address import address_of, driver_of
from tests.options import defaults


def _conf(driver: str, **options: dict[str, object]) -> cfg.ConfigOpts:
    conf = defaults()
    conf.set_override("driver", driver, "servicegroup")
    for group, values in options.items():
        for name, value in values.items():
            conf.set_override(name, value, group)
    return conf


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_the_ensemble_may_be_quoted(quote: str) -> None:
    conf = _conf("zk", zookeeper={"address": f"{quote}h1:2181,h2:2182, h3{quote}"})

    assert address_of(conf).hosts == ("h1:2181", "h2:2182", "h3:2181")


def test_the_name_of_the_seeds_configuration_chooses_the_driver(
    tmp_path: Path,
) -> None:
    file = tmp_path / "seed.conf"
    file.write_text('[DEFAULT]\nservicegroup_driver = zk\n[zookeeper]\naddress = "h1:1,h2:2"\n')
    conf = register_opts(cfg.ConfigOpts())

    conf(["--config-file", str(file)])

    assert address_of(conf).hosts == ("h1:1", "h2:2")


def test_the_first_of_several_memcached_is_used() -> None:
    conf = _conf("mc", memcache={"servers": ["h1:11211", "h2:11211"]})

    assert address_of(conf).url == "memcached://h1:11211"


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("zookeeper://h1:2181,h2:2181", "zk"),
        ("kazoo://h1", "zk"),
        ("memcached://h1:11211", "mc"),
        ("redis://:word@h1:6379", "redis"),
        ("rediss://h1", "redis"),
        ("etcd3+http://h1:2379", "etcd"),
        ("etcd3+https://h1", "etcd"),
    ],
)
def test_a_url_chooses_the_driver_of_its_scheme(url: str, driver: str) -> None:
    assert driver_of(url) == driver
    assert address_of(_conf(url)).driver == driver


def test_redis_takes_the_number_of_the_database_and_tls_from_the_url() -> None:
    url = address_of(_conf("redis", redis={"url": "rediss://:word@h1:6379/3"})).url

    assert url == "redis://:word@h1:6379?ssl=true&db=3"


def test_no_password_is_shown() -> None:
    address = address_of(_conf("redis://user:s3cret@h1:6379/0"))

    assert "s3cret" in address.url
    assert "s3cret" not in f"{address.shown} {address}"


@pytest.mark.parametrize(
    ("driver", "options", "told"),
    [
        ("zk", {"zookeeper": {"address": "h1:port"}}, r"\[zookeeper\] address: 'h1:port'"),
        ("zk", {"zookeeper": {"address": "h1:0"}}, "is not host:port"),
        ("zk", {"zookeeper": {"address": '""'}}, "names no server"),
        ("mc", {"memcache": {"servers": ["h1:70000"]}}, r"\[memcache\] servers: 'h1:70000'"),
        ("mc", {"memcache": {"servers": []}}, "names no server"),
        ("redis", {"redis": {"url": "h1:6379"}}, "does not begin with redis://"),
        ("redis", {"redis": {"url": "http://h1"}}, r"\[redis\] url"),
        ("etcd", {"etcd": {"url": "etcd://h1"}}, "does not begin with etcd3"),
        ("redis://h1:66666", {}, r"\[servicegroup\] driver: 'h1:66666'"),
        ("redis://[::1", {}, r"\[servicegroup\] driver: Invalid IPv6 URL"),
        ("zookeeper://", {}, "names no server"),
        ("file:///tmp/x", {}, "keeps no members that end by themselves"),
        ("mysql://:s3cret@h1/x", {}, "known are etcd3"),
    ],
)
def test_what_makes_no_sense_is_told_at_the_start(
    driver: str, options: dict[str, dict[str, object]], told: str
) -> None:
    with pytest.raises(errors.CannotStart, match=told) as caught:
        address_of(_conf(driver, **options))

    assert "s3cret" not in str(caught.value)
