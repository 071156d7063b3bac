"""The tables. Times are UTC without zone, to the microsecond; units are in the names."""

from minicloud.db.models.accounts import (
    ApplicationCredential,
    Domain,
    IdentityRevision,
    Project,
    Role,
    RoleAssignment,
    Token,
    User,
)
from minicloud.db.models.base import Base, table_of
from minicloud.db.models.catalog import CatalogEndpoint, CatalogRegion, CatalogService
from minicloud.db.models.flavors import Flavor, FlavorAccess, Quota, QuotaClass, QuotaGuard
from minicloud.db.models.hosts import Aggregate, AggregateHost, ComputeNode, Duty, Service
from minicloud.db.models.images import Image
from minicloud.db.models.servers import (
    ConsoleToken,
    IdempotencyKey,
    Instance,
    InstanceAction,
    InstanceEvent,
    InstanceFault,
    InstanceTag,
    KeyPair,
    Migration,
    ServerGroup,
    ServerGroupMember,
)

__all__ = [
    "Aggregate",
    "AggregateHost",
    "ApplicationCredential",
    "Base",
    "CatalogEndpoint",
    "CatalogRegion",
    "CatalogService",
    "ComputeNode",
    "ConsoleToken",
    "Domain",
    "Duty",
    "Flavor",
    "FlavorAccess",
    "IdempotencyKey",
    "IdentityRevision",
    "Image",
    "Instance",
    "InstanceAction",
    "InstanceEvent",
    "InstanceFault",
    "InstanceTag",
    "KeyPair",
    "Migration",
    "Project",
    "Quota",
    "QuotaClass",
    "QuotaGuard",
    "Role",
    "RoleAssignment",
    "ServerGroup",
    "ServerGroupMember",
    "Service",
    "Token",
    "User",
    "table_of",
]
