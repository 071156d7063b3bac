"""Which versions there are, for clients that were given the service's address only."""

from typing import Any

import webob

from minicloud.runtime.wsgi import Call, shown


def versions(call: Call) -> webob.Response:
    document = {"versions": {"values": [_v3(call)]}}
    return shown(document, 300, {"Location": f"{call.here}/v3/"})


def v3(call: Call) -> webob.Response:
    return shown({"version": _v3(call)})


def _v3(call: Call) -> dict[str, Any]:
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{call.here}/v3/"}],
        "media-types": [
            {"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}
        ],
    }
