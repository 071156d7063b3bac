"""Where the files that override rules are, and what tells that they have changed."""

import os
import stat
from typing import Any

from oslo_config import cfg

from minicloud.errors import CannotStart

Stamps = dict[str, Any]


class Places:
    """[oslo_policy] policy_file and policy_dirs: as found at the start, else beside the
    configuration file, where they may be made later."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        options = conf.oslo_policy
        self.file = _place(conf, options.policy_file)
        self._directories = [_place(conf, name) for name in options.policy_dirs]
        if not os.path.exists(self.file) and _is_chosen(conf):
            raise CannotStart(f"[oslo_policy] policy_file: there is no file {self.file}")

    def stamps(self) -> Stamps:
        """path -> what changes whenever the file does."""
        found: Stamps = {}
        _stamp(self.file, found)
        for directory in self._directories:
            try:
                names = os.listdir(directory)
            except OSError:
                continue
            for name in names:
                if not name.startswith("."):
                    _stamp(f"{directory}/{name}", found)
        return found

    def rank(self, path: str) -> tuple[int, str]:
        """The order in which files are read: a later one overrides an earlier one."""
        if path == self.file:
            return 0, ""
        return 1 + self._directories.index(os.path.dirname(path)), path


def _place(conf: cfg.ConfigOpts, name: str) -> str:
    if os.path.isabs(name):
        return os.path.normpath(name)
    found: str | None = conf.find_file(name)
    if found:
        return os.path.abspath(found)
    named: list[str] = conf.config_file
    beside = named[-1] if named else "/etc/minicloud/minicloud.conf"
    return os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(beside)), name))


def _is_chosen(conf: cfg.ConfigOpts) -> bool:
    """Whether an operator has named the file; then it must be there."""
    where = conf.get_location("policy_file", "oslo_policy")
    return bool(where is not None and where.location.is_user_controlled)


def _stamp(path: str, found: Stamps) -> None:
    try:
        seen = os.stat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        found[path] = error.errno
        return
    if not stat.S_ISDIR(seen.st_mode):
        found[path] = (seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size, seen.st_ino, seen.st_mode)
