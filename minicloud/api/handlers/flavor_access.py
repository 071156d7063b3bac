"""/flavors/{flavor_id}/os-flavor-access and the actions that change it"""

from collections.abc import Sequence

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import flavors as schemas
from minicloud.api.versions import Since
from minicloud.zones.base import Zone

_LONGEST_PROJECT: int = 64


class FlavorAccess:
    def __init__(self, zone: Zone) -> None:
        self._flavors = zone.flavors

    def index(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        return _listed(flavor_id, self._flavors.access(req.context, flavor_id))

    @answers(body=schemas.ADD_ACCESS)
    def add(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        project_id: str = req.read(schemas.ADD_ACCESS)["addTenantAccess"]["tenant"]
        if len(project_id) > _LONGEST_PROJECT:
            raise errors.BadRequest(f"Project ID {project_id} is not a valid project.")
        projects = self._flavors.add_access(
            req.context,
            flavor_id,
            project_id,
            to_public=req.version < Since.ACCESS_TO_PRIVATE_ONLY,
        )
        return _listed(flavor_id, projects)

    @answers(body=schemas.REMOVE_ACCESS)
    def remove(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        project_id = req.read(schemas.REMOVE_ACCESS)["removeTenantAccess"]["tenant"]
        return _listed(flavor_id, self._flavors.remove_access(req.context, flavor_id, project_id))


def _listed(flavor_id: str, projects: Sequence[str]) -> webob.Response:
    access = [{"flavor_id": flavor_id, "tenant_id": project_id} for project_id in projects]
    return reply({"flavor_access": access})
