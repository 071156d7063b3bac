"""The options of a deployment, for tests."""

from oslo_config import cfg

from minicloud.conf import register_opts


def defaults() -> cfg.ConfigOpts:
    """As they are delivered, whatever files this machine has."""
    conf = register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    return conf
