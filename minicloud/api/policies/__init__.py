"""Rules of the compute API under Nova's names, one noun a file; `policy.yaml` overrides them."""

from typing import Any

from minicloud.api.policies import (
    aggregates,
    availability_zones,
    base,
    decisions,
    elsewhere,
    extensions,
    flavors,
    guests,
    hosts,
    hypervisors,
    instance_actions,
    keypairs,
    limits,
    migrations,
    quota_sets,
    scheduling,
    server_actions,
    server_attachments,
    server_groups,
    server_metadata,
    server_password,
    server_tags,
    servers,
    services,
    usages,
)

_MODULES = (
    base,
    decisions,
    aggregates,
    availability_zones,
    elsewhere,
    extensions,
    flavors,
    hosts,
    guests,
    hypervisors,
    instance_actions,
    keypairs,
    limits,
    server_actions,
    migrations,
    quota_sets,
    scheduling,
    server_attachments,
    server_groups,
    server_metadata,
    server_password,
    server_tags,
    servers,
    services,
    usages,
)


def list_rules() -> list[Any]:
    """For oslopolicy-sample-generator and the enforcer."""
    return [rule for module in _MODULES for rule in module.RULES]
