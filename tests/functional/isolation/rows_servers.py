"""What is answered to whom: servers, what belongs to them, and what is done to them."""

from typing import Final

SERVERS: Final = """
GET     /servers                                           reads   200
POST    /servers                                           acts    202
GET     /servers/detail                                    reads   200
GET     /servers/{server_id}                               reads   200
PUT     /servers/{server_id}                               acts    200
DELETE  /servers/{server_id}                               acts    204
GET     /servers/{server_id}/diagnostics                   admin   200
GET     /servers/{server_id}/scheduling                    reads   200
GET     /servers/{server_id}/scheduling/now                admin   200
GET     /servers/{server_id}/ips                           reads   200
GET     /servers/{server_id}/ips/{network}                 reads   200
GET     /servers/{server_id}/topology                      reads   200
GET     /servers/{server_id}/os-security-groups            reads   200
GET     /servers/{server_id}/os-server-password            reads   200
DELETE  /servers/{server_id}/os-server-password            acts    204
POST    /servers/{server_id}/remote-consoles               acts    200
GET     /os-console-auth-tokens/{console_token}            admin   200
"""

LABELS: Final = """
GET     /servers/{server_id}/metadata                      reads   200
POST    /servers/{server_id}/metadata                      acts    200
PUT     /servers/{server_id}/metadata                      acts    200
GET     /servers/{server_id}/metadata/{key}                reads   200
PUT     /servers/{server_id}/metadata/{key}                acts    200
DELETE  /servers/{server_id}/metadata/{key}                acts    204
GET     /servers/{server_id}/tags                          reads   200
PUT     /servers/{server_id}/tags                          acts    200
DELETE  /servers/{server_id}/tags                          acts    204
GET     /servers/{server_id}/tags/{tag}                    reads   204
PUT     /servers/{server_id}/tags/{tag}                    acts    204
DELETE  /servers/{server_id}/tags/{tag}                    acts    204
"""

LOGS: Final = """
GET     /servers/{server_id}/os-instance-actions                    reads   200
GET     /servers/{server_id}/os-instance-actions/{request_id}       reads   200
GET     /os-migrations                                              admin   200
GET     /servers/{server_id}/migrations                             manages   200
GET     /servers/{server_id}/migrations/{migration_id}              admin   200
DELETE  /servers/{server_id}/migrations/{migration_id}              manages   202
POST    /servers/{server_id}/migrations/{migration_id}/action force_complete  manages  202
"""

# There are no networks, volumes and shares to attach here: 501, and none is found.
ATTACHMENTS: Final = """
GET     /servers/{server_id}/os-interface                  reads   200
POST    /servers/{server_id}/os-interface                  acts    501
GET     /servers/{server_id}/os-interface/{ref}            reads   200
DELETE  /servers/{server_id}/os-interface/{ref}            acts    404
GET     /servers/{server_id}/os-volume_attachments         reads   200
POST    /servers/{server_id}/os-volume_attachments         acts    501
GET     /servers/{server_id}/os-volume_attachments/{ref}   reads   404
PUT     /servers/{server_id}/os-volume_attachments/{ref}   acts    404
DELETE  /servers/{server_id}/os-volume_attachments/{ref}   acts    404
GET     /servers/{server_id}/shares                        reads   200
POST    /servers/{server_id}/shares                        acts    501
GET     /servers/{server_id}/shares/{ref}                  reads   404
DELETE  /servers/{server_id}/shares/{ref}                  acts    404
"""

ACTIONS: Final = """
POST    /servers/{server_id}/action os-start               acts    202  server_id=stopped
POST    /servers/{server_id}/action os-stop                acts    202
POST    /servers/{server_id}/action reboot                 acts    202
POST    /servers/{server_id}/action pause                  acts    202
POST    /servers/{server_id}/action unpause                acts    202  server_id=paused
POST    /servers/{server_id}/action suspend                acts    202
POST    /servers/{server_id}/action resume                 acts    202  server_id=suspended
POST    /servers/{server_id}/action rescue                 acts    200
POST    /servers/{server_id}/action unrescue               acts    202  server_id=rescued
POST    /servers/{server_id}/action shelve                 acts    202
POST    /servers/{server_id}/action shelveOffload          admin   202  server_id=shelved
POST    /servers/{server_id}/action unshelve               acts    202  server_id=offloaded
POST    /servers/{server_id}/action lock                   acts    202
POST    /servers/{server_id}/action unlock                 acts    202  server_id=locked
POST    /servers/{server_id}/action resize                 acts    202
POST    /servers/{server_id}/action confirmResize          acts    204  server_id=resized
POST    /servers/{server_id}/action revertResize           acts    202  server_id=resized
POST    /servers/{server_id}/action rebuild                acts    202
POST    /servers/{server_id}/action createImage            acts    202
POST    /servers/{server_id}/action createBackup           acts    202
POST    /servers/{server_id}/action changePassword         acts    202
POST    /servers/{server_id}/action forceDelete            acts    202
POST    /servers/{server_id}/action restore                acts    202  server_id=soft_deleted
POST    /servers/{server_id}/action migrate                manages   202
POST    /servers/{server_id}/action os-migrateLive         manages   202
POST    /servers/{server_id}/action evacuate               admin   200  server_id=stranded
POST    /servers/{server_id}/action os-resetState          admin   202
POST    /servers/{server_id}/action injectNetworkInfo      admin   202
POST    /servers/{server_id}/action trigger_crash_dump     acts    501
POST    /servers/{server_id}/action os-getConsoleOutput    acts    200
POST    /servers/{server_id}/action os-getVNCConsole       acts    200
POST    /servers/{server_id}/action os-getSPICEConsole     acts    200
POST    /servers/{server_id}/action os-getSerialConsole    acts    200
POST    /servers/{server_id}/action addSecurityGroup       acts    501
POST    /servers/{server_id}/action removeSecurityGroup    acts    404
POST    /servers/{server_id}/action addFixedIp             acts    501
POST    /servers/{server_id}/action removeFixedIp          acts    400
POST    /servers/{server_id}/action addFloatingIp          acts    501
POST    /servers/{server_id}/action removeFloatingIp       acts    404
POST    /servers/{server_id}/action resetNetwork           gone    410
POST    /servers/{server_id}/action os-getRDPConsole       gone    410
"""
