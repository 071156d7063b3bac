"""The groups of minicloud-manage's commands."""

import argparse
import importlib
import pkgutil

import pytest

from minicloud import cmd
from minicloud.cmd import manage
from minicloud.cmd.manage_group import AddCommands


def test_every_file_of_commands_is_in_the_list() -> None:
    names = [found.name for found in pkgutil.iter_modules(cmd.__path__)]
    there = [name for name in names if name.startswith("manage_") and name != "manage_group"]

    modules = [importlib.import_module(f"minicloud.cmd.{name}") for name in there]
    owned = [module for module in modules if hasattr(module, "add_commands")]

    assert {module.add_commands for module in owned} == set(manage.GROUPS)


@pytest.mark.parametrize("add", manage.GROUPS)
def test_every_command_runs_something(add: AddCommands) -> None:
    parser = argparse.ArgumentParser()
    add(parser.add_subparsers())

    def leaves(one: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
        below = [
            child
            for action in one._actions
            if isinstance(action, argparse._SubParsersAction)
            for child in action.choices.values()
        ]
        return [leaf for child in below for leaf in leaves(child)] or [one]

    assert all(callable(leaf.get_default("run")) for leaf in leaves(parser))
