"""The URLs of what is not here: proxies of other services, and what Nova has given up."""

from typing import Final

from minicloud.api.policies import extensions
from minicloud.api.row import Row

_S: Final = "/servers/{server_id}"

GONE: Final = (
    ("/os-agents", "GET POST"),
    ("/os-agents/{id}", "PUT DELETE"),
    ("/os-cells", "GET POST"),
    ("/os-cells/capacities", "GET"),
    ("/os-cells/detail", "GET"),
    ("/os-cells/info", "GET"),
    ("/os-cells/sync_instances", "POST"),
    ("/os-cells/{id}", "GET PUT DELETE"),
    ("/os-cells/{id}/capacities", "GET"),
    ("/os-certificates", "POST"),
    ("/os-certificates/{id}", "GET"),
    ("/os-cloudpipe", "GET POST"),
    ("/os-cloudpipe/{id}", "PUT"),
    ("/os-fixed-ips/{id}", "GET"),
    ("/os-fixed-ips/{id}/action", "POST"),
    ("/os-floating-ip-dns", "GET"),
    ("/os-floating-ip-dns/{id}", "PUT DELETE"),
    ("/os-floating-ip-dns/{domain_id}/entries/{id}", "GET PUT DELETE"),
    ("/os-floating-ips-bulk", "GET POST"),
    ("/os-floating-ips-bulk/{id}", "GET PUT"),
    ("/os-fping", "GET"),
    ("/os-fping/{id}", "GET"),
    ("/os-networks", "POST"),
    ("/os-networks/add", "POST"),
    ("/os-networks/{id}", "DELETE"),
    ("/os-networks/{id}/action", "POST"),
    ("/os-security-group-default-rules", "GET POST"),
    ("/os-security-group-default-rules/{id}", "GET DELETE"),
    ("/os-tenant-networks", "POST"),
    ("/os-tenant-networks/{id}", "DELETE"),
    (_S + "/consoles", "GET POST"),
    (_S + "/consoles/{id}", "GET DELETE"),
    (_S + "/os-virtual-interfaces", "GET"),
)

TOMBSTONES: Final = tuple(
    Row(verb, path, "extensions", "gone", extensions.GONE)
    for path, verbs in GONE
    for verb in verbs.split()
)

ELSEWHERE: Final = TOMBSTONES
