"""Applications side by side."""

from typing import Any

import webob

from minicloud.api.mounts import Mounts


def _show(environ: dict[str, Any], start_response: Any) -> Any:
    text = f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()
    return webob.Response(body=text)(environ, start_response)


def _get(path: str, **environ: str) -> Any:
    app = Mounts({"compute": _show, "identity": _show})
    return webob.Request.blank(path, environ=environ or None).get_response(app)


def test_the_first_part_of_the_path_chooses_the_application() -> None:
    assert _get("/compute/v2.1/x").body == b"/compute|/v2.1/x"
    assert _get("/compute").body == b"/compute|"
    assert _get("/identity/").body == b"/identity|/"


def test_a_mount_below_a_mount_keeps_its_prefix() -> None:
    assert _get("/compute/x", SCRIPT_NAME="/cloud").body == b"/cloud/compute|/x"


def test_the_root_links_to_all() -> None:
    links = _get("/").json["links"]

    assert [link["href"] for link in links] == [
        "http://localhost/compute/",
        "http://localhost/identity/",
    ]


def test_anything_else_is_a_json_404() -> None:
    for path in ("/computer", "/v2.1/servers", "/%00"):
        reply = _get(path)
        assert (reply.status_int, reply.json["itemNotFound"]["code"]) == (404, 404)


def test_the_health_check_answers() -> None:
    assert _get("/healthcheck").status_int == 200
