"""minicloud-manage, called in this process."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from oslo_config import cfg

from minicloud import conf as options
from minicloud.cmd.manage_group import AddCommands
from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.runtime.servers.redis import Redis
from tests.functional.clouds import PROGRAMS
from tests.options import defaults

Manage = Callable[..., str]


def called(
    add_commands: AddCommands,
    words: Sequence[str],
    capsys: pytest.CaptureFixture[str],
    config_file: Path | None = None,
    **settings: Any,
) -> str:
    """What a command prints. Options of the configuration are given as group__name."""
    conf = options.register_opts(cfg.ConfigOpts())
    conf.register_cli_opt(cfg.SubCommandOpt("command", handler=add_commands))
    files = [str(config_file)] if config_file else []
    conf(list(words), default_config_files=files, default_config_dirs=[])
    _override(conf, settings)
    capsys.readouterr()
    conf.command.run(conf)
    return capsys.readouterr().out


def set_service(database: Database, host: str, **values: object) -> None:
    """Change the rows of all services of this name."""
    statement = sa.update(Service).where(Service.host == host).values(**values)
    database.write(lambda db: db.execute(statement) and None)


def add_service(database: Database, binary: str, host: str) -> None:
    database.write(lambda db: services.seen(db, binary, [host], database.now()))


def kept_in(redis: Redis) -> dict[str, Any]:
    """Settings with which members are in this Redis, and down after two seconds."""
    return {
        "servicegroup__driver": "redis",
        "redis__url": redis.url,
        "servicegroup__report_interval_s": 0.2,
        "servicegroup__service_down_time_s": 2.0,
    }


def conf_of(settings: Mapping[str, Any]) -> cfg.ConfigOpts:
    """The configuration of a program; options are given as group__name."""
    conf = defaults()
    _override(conf, settings)
    return conf


def _override(conf: cfg.ConfigOpts, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        group, _, option = name.partition("__")
        conf.set_override(option, value, group)


@pytest.fixture
def program(database: Database, tmp_path: Path) -> list[str]:
    """minicloud-manage as a program of its own."""
    file = tmp_path / "minicloud.conf"
    file.write_text(f"[database]\nconnection = {database.engine.url}\n")
    return [str(PROGRAMS / "minicloud-manage"), "--config-file", str(file), "service"]
