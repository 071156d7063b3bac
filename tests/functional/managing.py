"""minicloud-manage, called in this process."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from oslo_config import cfg

from minicloud import conf as options
from minicloud.cmd.manage_group import AddCommands

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
    for name, value in settings.items():
        group, _, option = name.partition("__")
        conf.set_override(option, value, group)
    capsys.readouterr()
    conf.command.run(conf)
    return capsys.readouterr().out
