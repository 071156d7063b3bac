"""Options of [quota]."""

from typing import Any

from oslo_config import cfg

GROUP = "quota"
OPTS = [
    cfg.IntOpt("instances", default=10, min=-1, help="Servers a project may have; -1: no limit."),
    cfg.IntOpt(
        "cores", default=20, min=-1, help="Virtual processors a project may have; -1: no limit."
    ),
    cfg.IntOpt(
        "ram", default=51200, min=-1, help="Memory in MB a project may have; -1: no limit."
    ),
    cfg.IntOpt(
        "metadata_items", default=128, min=-1, help="Metadata keys of one server; -1: no limit."
    ),
    cfg.IntOpt(
        "injected_files",
        default=5,
        min=-1,
        help="Files injected into one server, up to 2.56; -1: no limit.",
    ),
    cfg.IntOpt(
        "injected_file_content_bytes",
        default=10240,
        min=-1,
        help="Bytes of one injected file; -1: no limit.",
    ),
    cfg.IntOpt(
        "injected_file_path_bytes",
        default=255,
        min=-1,
        help="Bytes of an injected file's path; -1: no limit.",
    ),
    cfg.IntOpt("key_pairs", default=100, min=-1, help="Key pairs of one user; -1: no limit."),
    cfg.IntOpt(
        "server_groups", default=10, min=-1, help="Server groups of a project; -1: no limit."
    ),
    cfg.IntOpt(
        "server_group_members", default=10, min=-1, help="Servers in one group; -1: no limit."
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
