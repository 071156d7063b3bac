"""Finds classes of filters and weighers: by an entry point's name, or by a module path."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

from stevedore import ExtensionManager

from minicloud.errors import CannotStart

Class = type[Any]
ALL: Final = {  # in place of names: all that come with us; Nova's name for it does as well
    "filters": ("minicloud.scheduler.filters.all_filters", "nova.scheduler.filters.all_filters"),
    "weighers": (
        "minicloud.scheduler.weighers.all_weighers",
        "nova.scheduler.weights.all_weighers",
    ),
}


class Known(NamedTuple):
    """Classes by name, and the reasons why others cannot be had."""

    classes: Mapping[str, Class]
    broken: Mapping[str, str]


def available(kind: str, paths: Iterable[str]) -> Known:
    """The classes that may be enabled by a mere name.

    A path leads to a class, to a module whose classes these are, or to a function that returns a
    list of classes; or it is the name for all that have entry points. Of the same name the last.
    """
    option = f"[filter_scheduler] available_{kind}"
    ours, broken = _entry_points(kind)
    found: dict[str, Class] = {}
    for path in paths:
        named = ours if path in ALL[kind] else {c.__name__: c for c in _classes_at(option, path)}
        found.update(named)
    return Known(found, broken)


def named(option: str, kind: str, name: str, known: Known) -> Mapping[str, Class]:
    """The class of a name, or several, by the names under which people shall see them."""
    if name in known.classes:
        return {name: known.classes[name]}
    if name in ALL[kind]:
        return known.classes
    if "." in name:
        found = _at(option, name)
        if not inspect.isclass(found):
            raise CannotStart(f"{option}: {name} is no class")
        return {found.__name__: found}
    why = f" ({known.broken[name]})" if name in known.broken else ""
    names = ", ".join(sorted(known.classes))
    raise CannotStart(f"{option}: there is no {name}{why}; known are {names}")


def _at(option: str, path: str) -> Any:
    """What a path leads to: a module, or a thing in one."""
    module_path, dot, name = path.rpartition(".")
    if not dot:
        return _module(option, path, path)
    module = _module(option, module_path, path)
    if hasattr(module, name):
        return getattr(module, name)
    if not hasattr(module, "__path__") or find_spec(path) is None:
        raise CannotStart(f"{option}: {path}: {module_path} has no {name}")
    return _module(option, path, path)


def _classes_at(option: str, path: str) -> Sequence[Class]:
    found = _at(option, path)
    if inspect.ismodule(found):
        members = inspect.getmembers(found, inspect.isclass)
        return [made for _name, made in members if made.__module__ == found.__name__]
    if inspect.isclass(found):
        return [found]
    classes = found() if callable(found) else [found]
    if not all(map(inspect.isclass, classes)):
        raise CannotStart(
            f"{option}: {path} is no class and no module, and makes no list of classes"
        )
    return list(classes)


def _module(option: str, module_path: str, path: str) -> Any:
    try:
        return import_module(module_path)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise CannotStart(f"{option}: {path} cannot be imported: {reason}") from error


def _entry_points(kind: str) -> tuple[dict[str, Class], dict[str, str]]:
    broken: dict[str, str] = {}

    def note(_manager: object, entry: Any, error: BaseException) -> None:
        broken[entry.name] = f"{type(error).__name__}: {error}"

    found = ExtensionManager(f"minicloud.scheduler.{kind}", on_load_failure_callback=note)
    return {extension.name: extension.plugin for extension in found}, broken
