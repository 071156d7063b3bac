"""Files that travel with the code: samples, the API's pipelines, migrations."""

import sys
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
