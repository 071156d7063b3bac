"""Writes doc/openapi.json: the compute API at its newest version, as OpenAPI 3.1.

    python -m tools.openapi
    python -m tools.openapi --version 2.1 --output -

A cloud that runs tells the same at /compute/v2.1/openapi.json.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import orjson
from oslo_config import cfg

from minicloud.api.handlers import nouns
from minicloud.api.openapi import document
from minicloud.api.policy import Policy
from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.api.versions import number
from minicloud.conf import register_opts
from minicloud.zones.base import Zone

PATH = Path(__file__).parent.parent / "doc" / "openapi.json"


class _Nowhere:
    """Stands for a zone while handlers are made; nothing is asked of it."""

    def __getattr__(self, name: str) -> "_Nowhere":
        return self


def handlers() -> dict[Row, Callable[..., Any]]:
    """The handler of every route, without a cloud behind it."""
    conf = register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    made = nouns(cast(Zone, _Nowhere()), Policy(conf))
    return {row: getattr(made[row.noun], row.method) for row in ALL}


def text(version: str = "latest") -> str:
    told = document(handlers(), number(version), "/compute/v2.1")
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--version", default="latest", help="2.N; default: the newest")
    parser.add_argument("--output", default=str(PATH), help="a file, or - for stdout")
    options = parser.parse_args()
    made = text(options.version)
    if options.output == "-":
        sys.stdout.write(made)
    else:
        Path(options.output).write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
