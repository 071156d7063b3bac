"""Refuses a configuration that names what does not exist: a misspelt option is no option."""

from collections.abc import Iterator
from pathlib import Path

from oslo_config import cfg
from stevedore import NamedExtensionManager

from minicloud.conf import own_opts
from minicloud.errors import CannotStart

# Groups of libraries, which register their options only where and when they are used.
_LIBRARIES = (
    "oslo_",
    "keystone_authtoken",
    "cors",
    "healthcheck",
    "profiler",
    "database",
    "DEFAULT",
)


def check(conf: cfg.ConfigOpts) -> None:
    """CannotStart for an option in a file that nobody knows, or whose value makes no sense."""
    for path in _files(conf):
        sections: dict[str, dict[str, list[str]]] = {}
        cfg.ConfigParser(path, sections).parse()
        for group, values in sections.items():
            for name in values:
                if not _is_known(conf, group, name):
                    raise CannotStart(
                        f"{path}: there is no option {name} in [{group}]; "
                        "etc/minicloud/minicloud.conf.sample lists all of them"
                    )
                _check_value(conf, path, group, name)


def _check_value(conf: cfg.ConfigOpts, path: str, group: str, name: str) -> None:
    """Read the option once: its value is parsed only then, and a service reads some late."""
    wanted = name.replace("-", "_")
    try:
        values = conf if group == "DEFAULT" else conf[group]
        if wanted in values:
            values[wanted]
    except cfg.NoSuchOptError:
        return  # of a library that registers its options later
    except cfg.ConfigFileValueError as error:
        reason = str(error).partition("is not valid: ")[2] or str(error)
        raise CannotStart(f"{path}: [{group}] {name}: {reason}") from error


def _files(conf: cfg.ConfigOpts) -> Iterator[str]:
    yield from conf.config_file or []
    for directory in conf.config_dir or []:
        yield from sorted(str(path) for path in Path(directory).glob("*.conf"))


def _is_known(conf: cfg.ConfigOpts, group: str, name: str) -> bool:
    wanted = name.replace("-", "_")
    if wanted in _names(conf, group):
        return True
    if group in ("DEFAULT",):
        return wanted in _library_defaults()
    if group in _ours():
        return False
    return group.startswith(_LIBRARIES)


def _names(conf: cfg.ConfigOpts, group: str) -> set[str]:
    names: set[str] = set()
    for of_group, opts in own_opts():
        for opt in opts:
            if (of_group or "DEFAULT") == group:
                names.add(opt.dest)
            names |= {
                d.name.replace("-", "_")
                for d in opt.deprecated_opts
                if d.name and (d.group or of_group or "DEFAULT") == group
            }
    return names


def _ours() -> set[str]:
    return {group for group, _opts in own_opts() if group}


def _library_defaults() -> set[str]:
    """What oslo.log and oslo.messaging put into [DEFAULT]; asked only when a name is not ours."""
    found = NamedExtensionManager("oslo.config.opts", names=["oslo.log", "oslo.messaging"])
    return {
        opt.dest
        for extension in found
        for group, opts in extension.plugin()
        if group in (None, "DEFAULT")
        for opt in opts
    }
