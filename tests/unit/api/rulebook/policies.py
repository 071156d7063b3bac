"""A policy over files of a test's own, with time that passes when the test says so."""

from collections.abc import Sequence
from pathlib import Path

from oslo_config import cfg

from minicloud import conf as options
from minicloud.api.policy import Policy
from minicloud.context import RequestContext
from tests.hand_clock import HandClock

SHOW = "os_compute_api:servers:show"
CREATE = "os_compute_api:servers:create"
FLAVOR = "os_compute_api:os-flavor-manage:create"


def configured(directory: Path) -> cfg.ConfigOpts:
    """The configuration of a deployment whose files are in this directory."""
    (directory / "minicloud.conf").touch()
    conf = options.register_opts(cfg.ConfigOpts())
    conf(["--config-file", str(directory / "minicloud.conf")], project="minicloud")
    return conf


def policy_of(directory: Path, clock: HandClock | None = None) -> Policy:
    return Policy(configured(directory), clock or HandClock())


def caller(*roles: str, project: str = "p1", user: str = "alice") -> RequestContext:
    context = RequestContext(
        user_id=user, project_id=project, roles=list(roles), is_admin=False, overwrite=False
    )
    context.is_admin = "admin" in roles
    return context


def allowed(policy: Policy, roles: Sequence[str], rule: str) -> bool:
    """At the next request."""
    policy.refresh()
    return policy.allows(caller(*roles), rule)
