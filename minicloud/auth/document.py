"""A token as Keystone shows it."""

from datetime import datetime
from typing import Any

from minicloud.db.tokens import Grant


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds") + "Z"


def token_view(grant: Grant) -> dict[str, Any]:
    view: dict[str, Any] = {
        "methods": list(grant.methods),
        "user": {
            "id": grant.user_id,
            "name": grant.user_name,
            "domain": {"id": grant.user_domain_id, "name": grant.user_domain_name},
            "password_expires_at": None,
        },
        "audit_ids": [grant.audit_id],
        "issued_at": stamp(grant.issued_at),
        "expires_at": stamp(grant.expires_at),
    }
    if grant.application_credential_id:
        view["application_credential"] = {
            "id": grant.application_credential_id,
            "name": grant.application_credential_name,
            "restricted": not grant.unrestricted,
        }
    if grant.project_id:
        pairs = zip(grant.role_ids, grant.roles, strict=True)
        view["is_domain"] = False
        view["project"] = {
            "id": grant.project_id,
            "name": grant.project_name,
            "domain": {"id": grant.project_domain_id, "name": grant.project_domain_name},
        }
        view["roles"] = [{"id": ident, "name": name} for ident, name in pairs]
    return view
