"""What each route does, one noun a file: read, ask the zone, show."""

from minicloud.api.handlers import (
    absent,
    aggregates,
    availability_zones,
    extensions,
    flavor_extra_specs,
    flavors,
    hypervisors,
    images,
    instance_actions,
    keypairs,
    limits,
    openapi,
    server_actions,
    server_interfaces,
    server_ips,
    server_metadata,
    server_networks,
    server_password,
    server_security_groups,
    server_tags,
    server_volumes,
    servers,
    services,
    versions,
)
from minicloud.api.policy import Policy
from minicloud.zones.base import Zone


def nouns(zone: Zone, policy: Policy) -> dict[str, object]:
    """A handler for each noun of routes.py."""
    found: dict[str, object] = {
        **absent.nouns(),
        "aggregates": aggregates.Aggregates(zone),
        "availability_zones": availability_zones.AvailabilityZones(zone),
        "extensions": extensions.Extensions(),
        "flavor_extra_specs": flavor_extra_specs.FlavorExtraSpecs(zone, policy),
        "flavors": flavors.Flavors(zone, policy),
        "hypervisors": hypervisors.Hypervisors(zone),
        "image_metadata": images.ImageMetadata(zone),
        "images": images.Images(zone),
        "instance_actions": instance_actions.InstanceActions(zone, policy),
        "keypairs": keypairs.Keypairs(zone, policy),
        "limits": limits.Limits(zone, policy),
        "server_actions": server_actions.ServerActions(zone, policy),
        "server_interfaces": server_interfaces.ServerInterfaces(zone, policy),
        "server_ips": server_ips.ServerIps(zone, policy),
        "server_metadata": server_metadata.ServerMetadata(zone, policy),
        "server_networks": server_networks.ServerNetworks(zone, policy),
        "server_password": server_password.ServerPassword(zone, policy),
        "server_security_groups": server_security_groups.ServerSecurityGroups(zone, policy),
        "server_shares": server_volumes.ServerShares(zone, policy),
        "server_tags": server_tags.ServerTags(zone, policy),
        "server_topology": server_volumes.ServerTopology(zone, policy),
        "server_volumes": server_volumes.ServerVolumes(zone, policy),
        "servers": servers.Servers(zone, policy),
        "services": services.Services(zone),
        "versions": versions.Versions(),
    }
    return found | {"openapi": openapi.OpenApi(found)}
