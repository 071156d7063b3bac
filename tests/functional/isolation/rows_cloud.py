"""What is answered to whom: the cloud's own things, and what is not here."""

from typing import Final

CLOUD: Final = """
GET     /extensions                                  anyone   200
GET     /extensions/{alias}                          anyone   200
GET     /os-availability-zone                        anyone   200
GET     /os-availability-zone/detail                 admin    200
GET     /os-networks                                 sees     200
GET     /os-networks/{ref}                           sees     200  ref=network_id
GET     /os-tenant-networks                          sees     200
GET     /os-tenant-networks/{ref}                    sees     200  ref=network_id
POST    /os-server-external-events                   service  200
"""

HOSTS: Final = """
GET     /os-aggregates                               admin    200
POST    /os-aggregates                               admin    200
GET     /os-aggregates/{aggregate_id}                admin    200
PUT     /os-aggregates/{aggregate_id}                admin    200
DELETE  /os-aggregates/{aggregate_id}                admin    200  aggregate_id=spare_aggregate
POST    /os-aggregates/{aggregate_id}/images         admin    202
POST    /os-aggregates/{aggregate_id}/action add_host      admin  200  aggregate_id=spare_aggregate
POST    /os-aggregates/{aggregate_id}/action remove_host   admin  200
POST    /os-aggregates/{aggregate_id}/action set_metadata  admin  200
GET     /os-hosts                                    admin    200
GET     /os-hosts/{host_name}                        admin    200
PUT     /os-hosts/{host_name}                        admin    200
GET     /os-hosts/{host_name}/reboot                 admin    501
GET     /os-hosts/{host_name}/shutdown               admin    501
GET     /os-hosts/{host_name}/startup                admin    501
GET     /os-hypervisors                              admin    200
GET     /os-hypervisors/detail                       admin    200
GET     /os-hypervisors/statistics                   admin    200
GET     /os-hypervisors/{ref}                        admin    200  ref=hypervisor
GET     /os-hypervisors/{ref}/uptime                 admin    501  ref=hypervisor
GET     /os-hypervisors/{ref}/search                 admin    200  ref=host
GET     /os-hypervisors/{ref}/servers                admin    200  ref=host
POST    /scheduling/what-if                          admin    200
GET     /os-services                                 admin    200
PUT     /os-services/{service_id} to 2.52            admin    200  service_id=order
PUT     /os-services/{service_id}                    admin    200
DELETE  /os-services/{service_id}                    admin    204  service_id=idle_service
"""

# Other services have these: lists are empty, nothing is found, and nothing is made.
ELSEWHERE: Final = """
GET     /os-floating-ip-pools                        anyone   200
GET     /os-floating-ips                             reads    200
POST    /os-floating-ips                             acts     501
GET     /os-floating-ips/{ref}                       reads    404
DELETE  /os-floating-ips/{ref}                       acts     404
GET     /os-security-groups                          reads    200
POST    /os-security-groups                          acts     501
GET     /os-security-groups/{ref}                    reads    404
PUT     /os-security-groups/{ref}                    acts     404
DELETE  /os-security-groups/{ref}                    acts     404
POST    /os-security-group-rules                     acts     501
DELETE  /os-security-group-rules/{ref}               acts     404
GET     /os-volumes                                  reads    200
POST    /os-volumes                                  acts     501
GET     /os-volumes/detail                           reads    200
GET     /os-volumes/{ref}                            reads    404
DELETE  /os-volumes/{ref}                            acts     404
GET     /os-snapshots                                reads    200
POST    /os-snapshots                                acts     501
GET     /os-snapshots/detail                         reads    200
GET     /os-snapshots/{ref}                          reads    404
DELETE  /os-snapshots/{ref}                          acts     404
POST    /os-assisted-volume-snapshots                service  501
DELETE  /os-assisted-volume-snapshots/{ref}          service  404
GET     /os-baremetal-nodes                          admin    200
POST    /os-baremetal-nodes                          admin    400
GET     /os-baremetal-nodes/{ref}                    admin    404
DELETE  /os-baremetal-nodes/{ref}                    admin-of 400
POST    /os-baremetal-nodes/{ref}/action             admin-of 400
"""

# Nova has given these up: 410 whatever is named, and whoever asks.
GONE: Final = """
/os-agents                                           GET POST
/os-agents/{ref}                                     PUT DELETE
/os-cells                                            GET POST
/os-cells/capacities                                 GET
/os-cells/detail                                     GET
/os-cells/info                                       GET
/os-cells/sync_instances                             POST
/os-cells/{ref}                                      GET PUT DELETE
/os-cells/{ref}/capacities                           GET
/os-certificates                                     POST
/os-certificates/{ref}                               GET
/os-cloudpipe                                        GET POST
/os-cloudpipe/{ref}                                  PUT
/os-fixed-ips/{ref}                                  GET
/os-fixed-ips/{ref}/action                           POST
/os-floating-ip-dns                                  GET
/os-floating-ip-dns/{ref}                            PUT DELETE
/os-floating-ip-dns/{domain_id}/entries/{ref}        GET PUT DELETE
/os-floating-ips-bulk                                GET POST
/os-floating-ips-bulk/{ref}                          GET PUT
/os-fping                                            GET
/os-fping/{ref}                                      GET
/os-networks                                         POST
/os-networks/add                                     POST
/os-networks/{ref}                                   DELETE
/os-networks/{ref}/action                            POST
/os-security-group-default-rules                     GET POST
/os-security-group-default-rules/{ref}               GET DELETE
/os-tenant-networks                                  POST
/os-tenant-networks/{ref}                            DELETE
/servers/{server_id}/consoles                        GET POST
/servers/{server_id}/consoles/{ref}                  GET DELETE
/servers/{server_id}/os-virtual-interfaces           GET
"""
