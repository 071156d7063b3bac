"""What is answered to whom: the identity and the image service."""

from typing import Final

IDENTITY: Final = """
GET     /                                                         open       300
GET     /v3                                                       open       200
POST    /v3/auth/tokens                                           open       401
GET     /v3/auth/tokens                                           token      200
HEAD    /v3/auth/tokens                                           token      200
DELETE  /v3/auth/tokens                                           self       204
GET     /v3/auth/catalog                                          anyone     200
GET     /v3/auth/projects                                         anyone     200
GET     /v3/auth/domains                                          anyone     200
GET     /v3/auth/system                                           anyone     200
GET     /v3/projects                                              admin      200
POST    /v3/projects                                              admin      201
GET     /v3/projects/{id}                                         project    200
PATCH   /v3/projects/{id}                                         admin      200
DELETE  /v3/projects/{id}                                         admin      204
GET     /v3/users                                                 admin      200
POST    /v3/users                                                 admin      201
GET     /v3/users/{id}                                            self       200
PATCH   /v3/users/{id}                                            admin      200
DELETE  /v3/users/{id}                                            admin      204
GET     /v3/users/{id}/projects                                   self-of    200
POST    /v3/users/{id}/password                                   open       401
GET     /v3/users/{user_id}/groups                                self-of    200
GET     /v3/users/{user_id}/access_rules                          self-of    200
GET     /v3/users/{user_id}/application_credentials               self-of    200
POST    /v3/users/{user_id}/application_credentials               self-only  201
GET     /v3/users/{user_id}/application_credentials/{id}          self       200
DELETE  /v3/users/{user_id}/application_credentials/{id}          self       204
GET     /v3/role_assignments                                      admin      200
GET     /v3/projects/{project_id}/users/{user_id}/roles            admin-of  200
PUT     /v3/projects/{project_id}/users/{user_id}/roles/{role_id}  admin     204  user_id=user
GET     /v3/projects/{project_id}/users/{user_id}/roles/{role_id}  admin     204  user_id=user
HEAD    /v3/projects/{project_id}/users/{user_id}/roles/{role_id}  admin     204  user_id=user
DELETE  /v3/projects/{project_id}/users/{user_id}/roles/{role_id}  admin     204  user_id=user
"""

# What is the same for the whole deployment.
DEPLOYMENT: Final = """
GET     /v3/domains             admin  200
POST    /v3/domains             admin  201
GET     /v3/domains/{id}        admin  200
PATCH   /v3/domains/{id}        admin  200
DELETE  /v3/domains/{id}        admin  403
GET     /v3/roles               admin  200
POST    /v3/roles               admin  201
GET     /v3/roles/{id}          admin  200
PATCH   /v3/roles/{id}          admin  200
DELETE  /v3/roles/{id}          admin  204
GET     /v3/roles/{prior_id}/implies               admin  200
GET     /v3/roles/{prior_id}/implies/{implied_id}  admin  200
HEAD    /v3/roles/{prior_id}/implies/{implied_id}  admin  204
PUT     /v3/roles/{prior_id}/implies/{implied_id}  admin-of  501
DELETE  /v3/roles/{prior_id}/implies/{implied_id}  admin-of  501
GET     /v3/regions             anyone 200
POST    /v3/regions             admin  201
GET     /v3/regions/{id}        anyone 200
PATCH   /v3/regions/{id}        admin  200
DELETE  /v3/regions/{id}        admin  409
GET     /v3/services            admin  200
POST    /v3/services            admin  201
GET     /v3/services/{id}       admin  200
PATCH   /v3/services/{id}       admin  200
DELETE  /v3/services/{id}       admin  204
GET     /v3/endpoints           admin  200
POST    /v3/endpoints           admin  201
GET     /v3/endpoints/{id}      admin  200
PATCH   /v3/endpoints/{id}      admin  200
DELETE  /v3/endpoints/{id}      admin  204
GET     /v3/role_inferences     admin  200
GET     /v3/credentials         admin  200
GET     /v3/policies            admin  200
GET     /v3/limits              admin  200
GET     /v3/registered_limits   admin  200
GET     /v3/OS-TRUST/trusts     admin  200
GET     /v3/groups              admin  200
POST    /v3/groups              admin  501
"""

# There are no groups, and roles on projects only.
NO_GROUPS: Final = """
/v3/groups/{id}                                               GET PATCH DELETE
/v3/groups/{id}/users                                         GET
/v3/groups/{id}/users/{user_id}                               PUT GET HEAD DELETE
/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}   GET HEAD DELETE
/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}       GET HEAD DELETE
/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}     GET HEAD DELETE
/v3/system/users/{user_id}/roles/{role_id}                    GET HEAD DELETE
/v3/system/groups/{group_id}/roles/{role_id}                  GET HEAD DELETE
"""

NO_ROLES: Final = """
GET  /v3/projects/{project_id}/groups/{group_id}/roles            admin-of  200
PUT  /v3/projects/{project_id}/groups/{group_id}/roles/{role_id}  admin-of  501
GET  /v3/domains/{domain_id}/users/{user_id}/roles                admin-of  200
PUT  /v3/domains/{domain_id}/users/{user_id}/roles/{role_id}      admin-of  501
GET  /v3/domains/{domain_id}/groups/{group_id}/roles              admin-of  200
PUT  /v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}    admin-of  501
GET  /v3/system/users/{user_id}/roles                             admin-of  200
PUT  /v3/system/users/{user_id}/roles/{role_id}                   admin-of  501
GET  /v3/system/groups/{group_id}/roles                           admin-of  200
PUT  /v3/system/groups/{group_id}/roles/{role_id}                 admin-of  501
"""

IMAGE: Final = """
GET     /                                   open     300
GET     /versions                           open     300
GET     /v2/schemas/image                   open     200
GET     /v2/schemas/images                  open     200
GET     /v2/schemas/member                  open     200
GET     /v2/schemas/members                 open     200
GET     /v2/info/import                     open     200
GET     /v2/images                          reads    200
POST    /v2/images                          acts     201
GET     /v2/images/{id}                     image    200
PATCH   /v2/images/{id}                     changes  200
DELETE  /v2/images/{id}                     changes  204
PUT     /v2/images/{id}/tags/{tag}          changes  204
DELETE  /v2/images/{id}/tags/{tag}          changes  204
POST    /v2/images/{id}/actions/deactivate  changes  204
POST    /v2/images/{id}/actions/reactivate  changes  204
PUT     /v2/images/{id}/file                changes  204  id=queued
GET     /v2/images/{id}/file                image    204  id=queued
GET     /v2/images/{id}/members             image    200
POST    /v2/images/{id}/members             changes  501
GET     /v2/images/{id}/members/{member_id}  image    404
PUT     /v2/images/{id}/members/{member_id}  image    404
DELETE  /v2/images/{id}/members/{member_id}  image    404
"""
