"""What is answered to whom: what a project or a user has besides servers, and what it may use."""

from typing import Final

OWN: Final = """
GET     /os-keypairs                                 key        200
POST    /os-keypairs                                 key        201
GET     /os-keypairs/{keypair_name}                  key        200
DELETE  /os-keypairs/{keypair_name}                  key        204
GET     /os-server-groups                            reads      200
POST    /os-server-groups                            acts       200
GET     /os-server-groups/{server_group_id}          reads      200
DELETE  /os-server-groups/{server_group_id}          acts       204  server_group_id=spare_group
GET     /images                                      reads      200
GET     /images/detail                               reads      200
GET     /images/{image_id}                           reads      200
DELETE  /images/{image_id}                           acts       204
GET     /images/{image_id}/metadata                  reads      200
POST    /images/{image_id}/metadata                  acts       200
PUT     /images/{image_id}/metadata                  acts       200
GET     /images/{image_id}/metadata/{key}            reads      200
PUT     /images/{image_id}/metadata/{key}            acts       200
DELETE  /images/{image_id}/metadata/{key}            acts       204
"""

NUMBERS: Final = """
GET     /limits                                      anyone     200
GET     /os-quota-sets/{project_id}                  reads-of   200
GET     /os-quota-sets/{project_id}/detail           reads-of   200
GET     /os-quota-sets/{project_id}/defaults         anyone-of  200
PUT     /os-quota-sets/{project_id}                  admin-of   200
DELETE  /os-quota-sets/{project_id}                  admin-of   202
GET     /os-quota-class-sets/{name}                  admin-of   200
PUT     /os-quota-class-sets/{name}                  admin-of   200
GET     /os-simple-tenant-usage                      admin      200
GET     /os-simple-tenant-usage/{project_id}         reads-of   200
GET     /os-instance_usage_audit_log                 admin      200
GET     /os-instance_usage_audit_log/{before}        admin-of   200
"""

FLAVORS: Final = """
GET     /flavors                                     anyone     200
GET     /flavors/detail                              anyone     200
POST    /flavors                                     admin      200
GET     /flavors/{flavor_id}                         flavor     200
PUT     /flavors/{flavor_id}                         admin      200
DELETE  /flavors/{flavor_id}                         admin      202
GET     /flavors/{flavor_id}/os-extra_specs          specs      200
POST    /flavors/{flavor_id}/os-extra_specs          admin      200
GET     /flavors/{flavor_id}/os-extra_specs/{key}    specs      200
PUT     /flavors/{flavor_id}/os-extra_specs/{key}    admin      200
DELETE  /flavors/{flavor_id}/os-extra_specs/{key}    admin      200
GET     /flavors/{flavor_id}/os-flavor-access        admin      200
POST    /flavors/{flavor_id}/action addTenantAccess     admin   200
POST    /flavors/{flavor_id}/action removeTenantAccess  admin   200
"""
