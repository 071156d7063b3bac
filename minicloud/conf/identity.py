"""Options of [identity]."""

from typing import Any

from oslo_config import cfg

GROUP = "identity"
OPTS = [
    cfg.BoolOpt(
        "external",
        default=False,
        help="Whether tokens are those of a real Keystone, which [keystone_authtoken] leads to; "
        "nothing is served at /identity then. Otherwise the small identity service of this "
        "program gives and knows them.",
    ),
    cfg.IntOpt("token_life_s", default=86400, min=60, help="Seconds for which a token is valid."),
    cfg.IntOpt(
        "bcrypt_rounds",
        default=10,
        min=4,
        max=16,
        help="Work factor of stored passwords; each step doubles the time of a log-in.",
    ),
    cfg.StrOpt("region", default="RegionOne", help="Region of the catalogue's endpoints."),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
