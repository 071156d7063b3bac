"""Options of [image]."""

from typing import Any

from oslo_config import cfg

GROUP = "image"
OPTS = [
    cfg.IntOpt(
        "max_image_bytes",
        default=1 << 40,
        min=1,
        help="Largest image that can be uploaded, in bytes.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
