"""A console's address: had from the API, looked at in a browser, for a while."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import webob

from minicloud.api.console_page import ConsolePage
from minicloud.errors import ConsoleTokenNotFound, InstanceNotReady
from tests.functional.boot_cloud import BootCloud, boot_cloud, eventually


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[BootCloud]:
    with boot_cloud(tmp_path) as cloud:
        yield cloud


def _token(cloud: BootCloud, uuid: str) -> str:
    server = cloud.zone.servers.find(cloud.alice, uuid)
    return cloud.zone.consoles.open(cloud.alice, server, "novnc")


def _page(cloud: BootCloud, token: str) -> webob.Response:
    request = webob.Request.blank(f"/?token={token}")
    return request.get_response(ConsolePage(cloud.zone.consoles))


def test_the_page_shows_what_the_guest_wrote(cloud: BootCloud) -> None:
    uuid = cloud.create(meta={})
    cloud.wait(uuid, "active")

    page = _page(cloud, _token(cloud, uuid))

    assert page.status_int == 200
    assert page.content_type == "text/html"
    assert "vm login:" in page.text
    assert "ACTIVE" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_server_is_no_way_into_the_page_of_its_console(cloud: BootCloud) -> None:
    uuid = cloud.create()
    cloud.wait(uuid, "active")
    cloud.zone.servers.update(cloud.alice, uuid, {"display_name": "<script>alert(1)</script>"})

    page = _page(cloud, _token(cloud, uuid))

    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("token", ["", "nonsense", "%00", "a" * 5000, "%ff%fe"])
def test_without_a_good_token_there_is_no_console(cloud: BootCloud, token: str) -> None:
    page = _page(cloud, token)

    assert page.status_int == 404
    assert "login:" not in page.text


def test_an_address_expires(cloud: BootCloud) -> None:
    uuid = cloud.create()
    cloud.wait(uuid, "active")
    token = _token(cloud, uuid)

    with cloud.books.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE console_tokens SET expires_at = '2020-01-01 00:00:00'")

    assert _page(cloud, token).status_int == 404
    with pytest.raises(ConsoleTokenNotFound):
        cloud.zone.consoles.of_token(token)


def test_an_expired_token_is_taken_away_by_the_next(cloud: BootCloud) -> None:
    uuid = cloud.create()
    cloud.wait(uuid, "active")
    _token(cloud, uuid)
    with cloud.books.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE console_tokens SET expires_at = '2020-01-01 00:00:00'")

    _token(cloud, uuid)

    with cloud.books.engine.begin() as connection:
        (count,) = connection.exec_driver_sql("SELECT count(*) FROM console_tokens").one()
    assert count == 1


def test_no_token_is_kept_as_it_is(cloud: BootCloud) -> None:
    uuid = cloud.create()
    cloud.wait(uuid, "active")
    token = _token(cloud, uuid)

    with cloud.books.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM console_tokens").all()

    assert token not in str(rows)


def test_a_deleted_server_has_no_console(cloud: BootCloud) -> None:
    uuid = cloud.create()
    cloud.wait(uuid, "active")
    token = _token(cloud, uuid)

    cloud.delete(uuid)
    eventually(lambda: cloud.is_gone(uuid))

    assert _page(cloud, token).status_int == 404


def test_a_server_that_is_being_built_has_no_console(cloud: BootCloud) -> None:
    uuid = cloud.create(meta={"fake:spawn_s": "2"})

    with pytest.raises(InstanceNotReady):
        _token(cloud, uuid)


def test_the_page_says_when_the_agent_cannot_be_asked(cloud: BootCloud) -> None:
    uuid = cloud.create()
    cloud.wait(uuid, "active")
    token = _token(cloud, uuid)

    cloud.agent.stop()
    page = _page(cloud, token)

    assert page.status_int == 503
    assert "Refresh" in page.headers
