"""Images in the form that Nova had for them."""

from typing import Any, Final

from minicloud.api.request import ApiRequest, host_url
from minicloud.api.views.moments import with_z
from minicloud.db.models import Image

STATUS: Final = {
    "active": "ACTIVE",
    "queued": "SAVING",
    "saving": "SAVING",
    "killed": "ERROR",
    "pending_delete": "DELETED",
    "deleted": "DELETED",
}
_PROGRESS: Final = {"active": 100, "saving": 50, "queued": 25}


def brief(req: ApiRequest, image: Image) -> dict[str, Any]:
    own = {
        "rel": "alternate",
        "type": "application/vnd.openstack.image",
        "href": f"{host_url(req.environ, req.settings.public_url)}/image/v2/images/{image.id}",
    }
    links = [*req.links.of("images", image.id), own]
    return {"id": image.id, "name": image.name, "links": links}


def detail(req: ApiRequest, image: Image) -> dict[str, Any]:
    shown = brief(req, image) | {
        "minRam": image.min_ram_mb,
        "minDisk": image.min_disk_gb,
        "metadata": image.properties,
        "created": with_z(image.created_at),
        "updated": with_z(image.updated_at),
        "status": STATUS.get(image.status, "UNKNOWN"),
        "progress": _PROGRESS.get(image.status, 0),
        "OS-EXT-IMG-SIZE:size": image.size_bytes or 0,
    }
    server_id = image.properties.get("instance_uuid")
    if server_id:
        shown["server"] = {"id": server_id, "links": req.links.of("servers", server_id)}
    disk_config = image.properties.get("auto_disk_config")
    if disk_config is not None:
        by_itself = disk_config.lower() in ("true", "1", "on", "yes")
        shown["OS-DCF:diskConfig"] = "AUTO" if by_itself else "MANUAL"
    return shown
