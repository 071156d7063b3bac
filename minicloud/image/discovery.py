"""Which versions there are, for clients that were given the service's address only."""

import webob

from minicloud.runtime.wsgi import Call, shown

_VERSIONS = (("v2.9", "CURRENT"), ("v2.7", "SUPPORTED"), ("v2.5", "SUPPORTED"))


def versions(call: Call) -> webob.Response:
    listed = [
        {
            "id": name,
            "status": status,
            "links": [{"rel": "self", "href": f"{call.here}/v2/"}],
        }
        for name, status in _VERSIONS
    ]
    return shown({"versions": listed}, 300)
