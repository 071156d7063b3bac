"""A policy over files of a test's own, with time that passes when the test says so."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Event

from oslo_config import cfg

from minicloud import conf as options
from minicloud.api.policy import Policy
from minicloud.context import RequestContext

SHOW = "os_compute_api:servers:show"
CREATE = "os_compute_api:servers:create"
FLAVOR = "os_compute_api:os-flavor-manage:create"


class HandClock:
    def __init__(self) -> None:
        self.passed_s = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 3, 1)

    def monotonic(self) -> float:
        return self.passed_s

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds

    def wait(self, event: Event, seconds: float) -> bool:
        return event.is_set()


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
