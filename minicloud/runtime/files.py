"""Files that travel with the code, and files that are replaced while others read them."""

import contextlib
import fcntl
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from minicloud.errors import CannotStart

_CHECKOUT = Path(__file__).resolve().parent.parent.parent
_IN_CHECKOUT = {"share/minicloud/migrations": "migrations"}


def shipped(name: str) -> Path:
    """Where `etc/minicloud/...` or `share/minicloud/migrations[/...]` is.

    A checkout comes first: an editable installation runs its code from there and installs no data
    files, so those under `sys.prefix` could only be an older release's.
    """
    places = [_CHECKOUT / _checkout_name(name), Path(sys.prefix) / name, Path("/usr/local") / name]
    if name.startswith("etc/"):
        places.append(Path("/") / name)
    for place in places:
        if place.exists():
            return place
    raise CannotStart(f"{name} is missing; it should be at one of {', '.join(map(str, places))}")


def _checkout_name(name: str) -> str:
    for installed, checkout in _IN_CHECKOUT.items():
        if name == installed or name.startswith(f"{installed}/"):
            return checkout + name[len(installed) :]
    return name


@contextmanager
def replacing(path: Path) -> Iterator[Callable[[str], None]]:
    """What is given to the yielded function takes the place of the file, in one step.

    Others who replace it this way wait until the block ends. Links, owner and mode stay.
    """
    path = path.resolve()
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield lambda text: _replace(path, text)
    finally:
        os.close(directory)


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with fresh.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            old = path.stat()
            fresh.chmod(stat.S_IMODE(old.st_mode))
            with contextlib.suppress(PermissionError):
                os.chown(fresh, old.st_uid, old.st_gid)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
