"""Refuses a configuration that names what does not exist: a misspelt option is no option."""

from collections.abc import Iterator
from pathlib import Path

from oslo_config import cfg
from stevedore import NamedExtensionManager

from minicloud.conf import keystone_authtoken, own_opts
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
    known = _known(conf)
    for path in _files(conf):
        sections: dict[str, dict[str, list[str]]] = {}
        cfg.ConfigParser(path, sections).parse()
        for group, values in sections.items():
            for name in values:
                if not _is_known(known, group, name):
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


def _is_known(known: dict[str, set[str]], group: str, name: str) -> bool:
    wanted = name.replace("-", "_")
    if wanted in known.get(group, ()):
        return True
    if group in ("DEFAULT",):
        return wanted in _library_defaults()
    if group in known:
        return False
    return group.startswith(_LIBRARIES)


def _known(conf: cfg.ConfigOpts) -> dict[str, set[str]]:
    """The names of options by their group, as far as they are known at the start."""
    pairs = own_opts()
    if conf.identity.external:
        pairs.append((keystone_authtoken.GROUP, keystone_authtoken.opts(conf)))
    known: dict[str, set[str]] = {}
    for group, opts in pairs:
        for opt in opts:
            known.setdefault(group or "DEFAULT", set()).add(opt.dest)
            for old in opt.deprecated_opts:
                if old.name:
                    names = known.setdefault(old.group or group or "DEFAULT", set())
                    names.add(old.name.replace("-", "_"))
    return known


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
