"""Options of [api]."""

from typing import Any

from oslo_config import cfg

GROUP = "api"
OPTS = [
    cfg.HostAddressOpt("listen", default="127.0.0.1", help="Address that the API is served on."),
    cfg.PortOpt("port", default=8774, help="Port that the API is served on."),
    cfg.IntOpt(
        "listen_fd",
        default=-1,
        min=-1,
        help="File descriptor of a socket that already listens "
        "(as the supervisor passes it, so that a restart refuses nobody); -1: bind one.",
    ),
    cfg.IntOpt(
        "threads",
        default=8,
        min=1,
        help="Requests handled at the same time by one process. "
        "Raise it when clients wait while the processor idles.",
    ),
    cfg.FloatOpt(
        "drain_s",
        default=20.0,
        min=0,
        help="Seconds that a stopping process gives the "
        "requests under way and the connections it holds.",
    ),
    cfg.StrOpt(
        "paste_config",
        default="api-paste.ini",
        help="The pipelines: a file name, looked up in the configuration directories, or a path.",
    ),
    cfg.IntOpt(
        "max_request_body_bytes",
        default=114688,
        min=1024,
        help="Largest body of a compute or "
        "identity request, in bytes; larger ones are answered with 413.",
    ),
    cfg.FloatOpt(
        "look_again_s",
        default=3.0,
        min=0.1,
        help="Seconds after which a new server is due by itself, should the message that wakes "
        "the conductor be lost.",
    ),
    cfg.FloatOpt(
        "gather_s",
        default=0.05,
        min=0,
        help="Seconds for which wakes gather once they come faster than they are "
        "followed; 0: never. Under load it makes one step do the work of many, and "
        "puts each boot off by as much.",
    ),
    cfg.IntOpt(
        "max_pending_timeout",
        default=86400,
        min=0,
        help="Most seconds that a new server may wait for room, as its hint pending_timeout asks; "
        "0: none may.",
    ),
    cfg.IntOpt("max_limit", default=1000, min=1, help="Longest page of a list."),
    cfg.StrOpt(
        "public_url",
        default="",
        help="Address that links and the catalogue start with, such as "
        "https://cloud.example.org; empty: the address that the client used.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
