"""openstacksdk and a cloud in one process: every call of its compute proxy, and the usual others.

What needs a network, volume or share service is in LEFT_OUT, with the reason; a call that the SDK
learns anew is in neither, and fails the last test.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any, Final

import openstack
import pytest
from openstack import exceptions, resource
from openstack.compute.v2 import _proxy

from tests.functional.clouds import PASSWORD, Cloud

_NETWORK: Final = "needs a network service"
_VOLUME: Final = "needs a volume service"
_SHARE: Final = "needs a share service"
LEFT_OUT: Final = {
    "add_fixed_ip_to_server": _NETWORK,
    "add_floating_ip_to_server": _NETWORK,
    "add_security_group_to_server": _NETWORK,
    "create_server_interface": _NETWORK,
    "delete_server_interface": _NETWORK,
    "remove_fixed_ip_from_server": _NETWORK,
    "remove_floating_ip_from_server": _NETWORK,
    "remove_security_group_from_server": _NETWORK,
    "create_volume_attachment": _VOLUME,
    "delete_volume_attachment": _VOLUME,
    "get_volume_attachment": _VOLUME,
    "update_volume_attachment": _VOLUME,
    "force_service_down": "the old name of update_service_forced_down",
    "create_share_attachment": _SHARE,
    "delete_share_attachment": _SHARE,
    "get_share_attachment": _SHARE,
}


LOOKS: Final = ("--set", "compute.full_look_interval_s=1")


class Noted:
    """The compute proxy; it notes what is called, and that all that comes back can be read."""

    def __init__(self, proxy: Any) -> None:
        self.proxy = proxy
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.proxy, name)

        def call(*args: Any, **named: Any) -> Any:
            self.called.add(name)
            answer = method(*args, **named)
            answer = list(answer) if inspect.isgenerator(answer) else answer
            for each in answer if isinstance(answer, list) else [answer]:
                _read(each)
            return answer

        return call


def _read(answer: Any) -> None:
    """Every attribute is of the type that the SDK declares, or absent."""
    if not isinstance(answer, resource.Resource):
        return
    for name, component in inspect.getmembers_static(type(answer)):
        wants = getattr(component, "data_type", None)
        if getattr(component, "key", None) == "_body" and wants in (bool, int, float, list, dict):
            raw = answer._body.attributes.get(component.name)
            if raw is None or (component.name, raw) == ("swap", ""):  # no swap, up to 2.74
                continue
            exact = (int, float) if wants is float else wants
            assert isinstance(raw, exact), (type(answer).__name__, name, raw)
    answer.to_dict()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("sdk") / "state")
    made.up("--set", "DEFAULT.reclaim_instance_interval=3600", *LOOKS)
    yield made
    made.down()


@pytest.fixture(scope="module")
def connection(cloud: Cloud) -> Iterator[Any]:
    domain = {"user_domain_id": "default", "project_domain_id": "default"}
    who = {"username": "admin", "password": PASSWORD, "project_name": "admin", **domain}
    with openstack.connection.Connection(
        auth={"auth_url": f"{cloud.url}/identity/v3", **who}, identity_api_version="3"
    ) as made:
        yield made


@pytest.fixture(scope="module")
def compute(connection: Any) -> Noted:
    return Noted(connection.compute)


@pytest.fixture(scope="module")
def old(connection: Any, cloud: Cloud) -> Any:
    """The same at 2.1, which has what was taken away since."""
    made = openstack.connection.Connection(
        session=connection.session, compute_default_microversion="2.1", identity_api_version="3"
    )
    return Noted(made.compute)


@pytest.fixture
def boot(compute: Noted, connection: Any) -> Iterator[Callable[..., Any]]:
    """Makes a server that is ACTIVE, and takes it away afterwards."""
    made = []

    def booted(name: str, **more: Any) -> Any:
        image = connection.image.find_image("cirros")
        flavor = compute.find_flavor("m1.nano")
        sizes = {"image_id": image.id, "flavor_id": flavor.id, "networks": "none"}
        made.append(compute.create_server(name=name, **{**sizes, **more}))
        return compute.wait_for_server(made[-1], interval=0.05, wait=60)

    yield booted
    for server in made:
        compute.delete_server(server, force=True)
        compute.wait_for_delete(server, interval=0.05, wait=60)


def test_extensions_zones_and_limits(compute: Noted) -> None:
    assert compute.find_extension("os-keypairs").alias == "os-keypairs"
    assert compute.extensions()
    assert "nova" in [zone.name for zone in compute.availability_zones(details=True)]
    assert compute.get_limits().absolute.instances == 10


def test_flavors(compute: Noted, connection: Any) -> None:
    made = compute.create_flavor(name="sdk", ram=64, vcpus=1, disk=1, is_public=False)
    project = connection.identity.find_project("demo").id

    compute.flavor_add_tenant_access(made, project)
    assert [each["tenant_id"] for each in compute.get_flavor_access(made)] == [project]
    compute.flavor_remove_tenant_access(made, project)
    assert compute.update_flavor(made, description="new").description == "new"
    compute.create_flavor_extra_specs(made, {"a": "b"})
    compute.update_flavor_extra_specs_property(made, "a", "c")
    assert compute.get_flavor_extra_specs_property(made, "a") == "c"
    assert compute.fetch_flavor_extra_specs(made).extra_specs == {"a": "c"}
    compute.delete_flavor_extra_specs_property(made, "a")
    assert compute.get_flavor(made, get_extra_specs=True).extra_specs == {}
    assert compute.find_flavor("m1.nano", get_extra_specs=True).ram == 128
    assert {"m1.nano", "m1.tiny"} <= {flavor.name for flavor in compute.flavors()}
    compute.delete_flavor(made, ignore_missing=False)
    with pytest.raises(exceptions.NotFoundException):
        compute.get_flavor(made)


def test_keypairs(compute: Noted) -> None:
    made = compute.create_keypair(name="sdk", type="ssh")
    assert "PRIVATE KEY" in made.private_key
    assert compute.get_keypair("sdk").fingerprint == made.fingerprint
    assert compute.find_keypair("sdk").name == "sdk"
    assert [each.name for each in compute.keypairs()] == ["sdk"]
    compute.delete_keypair(made, ignore_missing=False)
    assert compute.find_keypair("sdk") is None


def test_aggregates(compute: Noted, connection: Any) -> None:
    made = compute.create_aggregate(name="sdk", availability_zone="sdk-zone")
    assert compute.add_host_to_aggregate(made, "node1").hosts == ["node1"]
    assert compute.set_aggregate_metadata(made, {"a": "b"}).metadata["a"] == "b"
    assert compute.update_aggregate(made, name="sdk2").name == "sdk2"
    assert compute.find_aggregate("sdk2").id == compute.get_aggregate(made.id).id
    compute.aggregate_precache_images(made, [connection.image.find_image("cirros").id])
    assert compute.remove_host_from_aggregate(made, "node1").hosts == []
    compute.delete_aggregate(made, ignore_missing=False)
    assert compute.aggregates() == []


def test_server_groups(compute: Noted) -> None:
    made = compute.create_server_group(
        name="sdk", policy="anti-affinity", rules={"max_server_per_host": 2}
    )
    assert compute.get_server_group(made.id).rules == {"max_server_per_host": 2}
    assert compute.find_server_group("sdk").id == made.id
    assert [each.name for each in compute.server_groups(all_projects=True)] == ["sdk"]
    compute.delete_server_group(made, ignore_missing=False)
    assert compute.server_groups() == []


def test_hypervisors_and_services(compute: Noted, old: Noted) -> None:
    hypervisors = compute.hypervisors(details=True)
    assert [each.name for each in hypervisors] == ["node1", "node2", "node3"]
    shown = compute.get_hypervisor(hypervisors[0])
    assert compute.find_hypervisor("node1").id == shown.id
    with pytest.raises(exceptions.HttpException, match="does not implement uptime"):
        old.get_hypervisor_uptime(old.find_hypervisor("node1"))
    (service,) = compute.services(host="node3")
    assert compute.find_service(service.id, host="node3").binary == "nova-compute"
    assert compute.disable_service(service, disabled_reason="fan").status == "disabled"
    assert compute.enable_service(service).status == "enabled"
    assert compute.update_service_forced_down(service, forced=True).is_forced_down is True
    assert compute.update_service(service, forced_down=False).is_forced_down is False
    (scheduler,) = compute.services(binary="nova-scheduler")
    compute.delete_service(scheduler, ignore_missing=False)


def test_quotas_and_usage(compute: Noted, connection: Any) -> None:
    demo = connection.identity.find_project("demo")
    assert compute.update_quota_set(demo, cores=30).cores == 30
    assert compute.get_quota_set(demo).cores == 30
    assert compute.get_quota_set(demo, usage=True).usage["cores"] == 0
    assert compute.get_quota_set_defaults(demo).cores == 20
    compute.revert_quota_set(demo)
    assert compute.get_quota_set(demo).cores == 20
    assert compute.update_quota_class_set("default", key_pairs=99).key_pairs == 99
    assert compute.get_quota_class_set().key_pairs == 99
    compute.update_quota_class_set("default", key_pairs=100)
    assert isinstance(compute.usages(), list)
    assert compute.get_usage(demo.id).server_usages is None


def test_images_as_the_compute_api_had_them(old: Noted, connection: Any) -> None:
    made = connection.image.create_image("proxied", disk_format="raw", container_format="bare")

    assert old.get_image(made.id).name == "proxied"
    assert old.find_image("proxied").id == made.id
    assert {image.name for image in old.images()} == {"cirros", "proxied"}
    old.set_image_metadata(made.id, a="b", c="d")
    old.delete_image_metadata(made.id, ["c"])
    assert old.get_image_metadata(made.id).metadata["a"] == "b"
    assert "c" not in old.fetch_image_metadata(made.id).metadata
    old.delete_image(made.id, ignore_missing=False)
    assert old.find_image("proxied") is None


def test_a_server_from_beginning_to_end(
    compute: Noted, boot: Callable[..., Any], connection: Any
) -> None:
    server = boot("sdk", metadata={"a": "b"}, tags=["web"])
    image = connection.image.find_image("cirros").id

    def settled(status: str) -> Any:
        compute.wait_for_status(server, status, ["ERROR"], interval=0.05, wait=60)
        for _ in range(600):
            if compute.get_server(server).task_state is None:
                return compute.get_server(server)
        raise AssertionError(f"it does not come to rest as {status}")

    assert compute.find_server("sdk", details=True).id == server.id
    assert [each.id for each in compute.servers(name="sdk", all_projects=True)] == [server.id]
    assert compute.update_server(server, name="sdk2").name == "sdk2"
    for act, status in (
        ("stop_server", "SHUTOFF"),
        ("start_server", "ACTIVE"),
        ("pause_server", "PAUSED"),
        ("unpause_server", "ACTIVE"),
        ("suspend_server", "SUSPENDED"),
        ("resume_server", "ACTIVE"),
        ("rescue_server", "RESCUE"),
        ("unrescue_server", "ACTIVE"),
        ("shelve_server", "SHELVED_OFFLOADED"),
        ("unshelve_server", "ACTIVE"),
        ("migrate_server", "VERIFY_RESIZE"),
        ("revert_server_resize", "ACTIVE"),
    ):
        getattr(compute, act)(server)
        settled(status)
    compute.reboot_server(server, "HARD")
    settled("ACTIVE")
    compute.rebuild_server(server, image, name="sdk3", admin_password="Secret1")
    assert settled("ACTIVE").name == "sdk3"
    compute.resize_server(server, compute.find_flavor("m1.micro").id)
    settled("VERIFY_RESIZE")
    compute.confirm_server_resize(server)
    assert settled("ACTIVE").flavor.original_name == "m1.micro"
    compute.lock_server(server, locked_reason="because")
    assert compute.get_server(server).is_locked is True
    compute.unlock_server(server)
    compute.change_server_password(server, "Secret2")
    settled("ACTIVE")
    compute.reset_server_state(server, "error")
    compute.reset_server_state(server, "active")
    assert not compute.get_server_password(server)
    compute.clear_server_password(server)
    actions = compute.server_actions(server)
    assert {"create", "resize", "rebuild", "lock"} <= {each.action for each in actions}
    assert compute.get_server_action(actions[0].request_id, server).events is not None


def test_what_is_written_on_a_server_and_read_from_it(
    compute: Noted, boot: Callable[..., Any], old: Noted
) -> None:
    server = boot("sdk-labels", networks="auto")

    compute.set_server_metadata(server, a="b", c="d")
    compute.delete_server_metadata(server, ["c"])
    assert compute.get_server_metadata(server).metadata == {"a": "b"}
    assert compute.fetch_server_metadata(server).metadata == {"a": "b"}
    compute.add_tag_to_server(server, "web")
    compute.add_tag_to_server(server, "db")
    compute.remove_tag_from_server(server, "web")
    assert compute.get_server(server).tags == ["db"]
    compute.remove_tags_from_server(server)
    (address,) = compute.server_ips(server)
    assert address.network_label == "private"
    (port,) = compute.server_interfaces(server)
    assert compute.get_server_interface(port.port_id, server).fixed_ips[0]["ip_address"]
    assert compute.volume_attachments(server) == []
    assert compute.share_attachments(server) == []
    compute.fetch_server_security_groups(server)
    assert "login:" in compute.get_server_console_output(server)["output"]
    assert compute.get_server_diagnostics(server).state == "running"
    console = compute.create_server_remote_console(server, type="novnc", protocol="vnc")
    token = console.url.rpartition("token")[2].strip("=%3D")
    assert compute.validate_console_auth_token(token).instance_uuid == server.id
    assert compute.create_console(server, console_type="novnc")["url"]
    assert old.get_server_console_url(server, "novnc")["url"]
    with pytest.raises(exceptions.HttpException, match="501"):
        compute.trigger_server_crash_dump(server)
    events = [{"name": "network-changed", "server_uuid": server.id}]
    assert [each.code for each in compute.create_server_external_events(events)]


def test_pictures_of_a_server(compute: Noted, boot: Callable[..., Any], connection: Any) -> None:
    server = boot("sdk-model")

    picture = compute.create_server_image(server, "sdk-picture", wait=True, timeout=60)
    compute.backup_server(server, "sdk-backup", "daily", 1, wait=True, timeout=60)

    assert picture.status == "active"
    names = {image.name for image in connection.image.images()}
    assert {"sdk-picture", "sdk-backup"} <= names
    for name in ("sdk-picture", "sdk-backup"):
        connection.image.delete_image(connection.image.find_image(name))


def test_moves_of_a_server(compute: Noted, boot: Callable[..., Any]) -> None:
    server = boot("sdk-mover", host="node1")

    compute.live_migrate_server(server, host="node2", block_migration="auto")
    for _ in range(600):
        shown = compute.get_server(server)
        if shown.compute_host == "node2" and shown.task_state is None:
            break
    (move,) = compute.migrations(instance_uuid=server.id)
    assert (move.migration_type, move.status) == ("live-migration", "completed")
    assert compute.server_migrations(server) == []
    for ask in ("abort_server_migration", "force_complete_server_migration"):
        with pytest.raises(exceptions.NotFoundException):
            getattr(compute, ask)(move.id, server, **_strict(ask))
    with pytest.raises(exceptions.NotFoundException):
        compute.get_server_migration(move.id, server, ignore_missing=False)

    service = compute.find_service("nova-compute", host="node2")
    compute.update_service_forced_down(service, forced=True)
    compute.evacuate_server(server, host="node3")
    for _ in range(600):
        shown = compute.get_server(server)
        if shown.compute_host == "node3" and shown.task_state is None:
            break
    for _ in range(600):
        with contextlib.suppress(exceptions.BadRequestException):  # until it has cleaned up
            compute.update_service_forced_down(service, forced=False)
            break
    assert compute.get_server(server).compute_host == "node3"


def _strict(ask: str) -> dict[str, bool]:
    return {"ignore_missing": False} if ask == "abort_server_migration" else {}


def test_a_server_is_deleted_softly_restored_and_offloaded(
    compute: Noted, boot: Callable[..., Any]
) -> None:
    server = boot("sdk-soft")

    compute.delete_server(server)
    compute.wait_for_status(server, "SOFT_DELETED", ["ERROR"], interval=0.05, wait=60)
    compute.restore_server(server)
    compute.wait_for_server(server, interval=0.05, wait=60)
    compute.shelve_server(server)
    compute.wait_for_status(server, "SHELVED_OFFLOADED", ["ERROR"], interval=0.05, wait=60)
    with pytest.raises(exceptions.ConflictException):
        compute.shelve_offload_server(server)


def test_the_cloud_layer(connection: Any) -> None:
    server = connection.create_server(
        "layered", image="cirros", flavor="m1.nano", auto_ip=False, wait=True
    )
    assert server.status == "ACTIVE"
    assert connection.get_server("layered").id == server.id
    assert [each.name for each in connection.list_servers()] == ["layered"]
    assert {each.name for each in connection.list_flavors()} >= {"m1.nano", "m1.tiny"}
    assert connection.get_flavor_by_ram(ram=100).name
    assert [each.name for each in connection.list_images()] == ["cirros"]
    assert connection.list_availability_zone_names() == ["nova"]
    assert connection.get_compute_limits().max_total_instances == 10
    assert connection.list_hypervisors()
    assert connection.get_compute_quotas("demo").cores == 20
    assert "login:" in connection.get_server_console("layered")
    connection.set_server_metadata("layered", {"a": "b"})
    assert connection.get_server("layered").metadata == {"a": "b"}
    connection.create_keypair("layered")
    assert connection.delete_keypair("layered") is True
    assert connection.delete_server("layered") is True
    connection.compute.delete_server(server.id, force=True)  # as deletion is soft here
    connection.compute.wait_for_delete(server, interval=0.05, wait=60)
    assert connection.get_server("layered") is None


def test_images_and_people(connection: Any) -> None:
    image = connection.image.create_image(
        "i", disk_format="raw", container_format="bare", data=b"content", colour="blue"
    )
    assert connection.image.download_image(image).content == b"content"
    assert connection.image.update_image(image, name="j").name == "j"
    connection.image.add_tag(image, "t")
    assert connection.image.get_image(image.id).tags == ["t"]
    connection.image.deactivate_image(image)
    connection.image.reactivate_image(image)
    connection.image.delete_image(image)
    assert connection.image.find_image("j") is None

    identity = connection.identity
    project = identity.create_project(name="p", domain_id="default")
    user = identity.create_user(name="u", password="w", domain_id="default")
    role = identity.find_role("member")
    identity.assign_project_role_to_user(project, user, role)
    assert [each.role["id"] for each in identity.role_assignments(user_id=user.id)] == [role.id]
    identity.unassign_project_role_from_user(project, user, role)
    assert identity.update_user(user, name="v").name == "v"
    identity.delete_user(user)
    identity.delete_project(project)
    assert identity.find_user("v") is None
    for each in ("domains", "regions", "services", "endpoints", "roles", "projects"):
        assert list(getattr(identity, each)()), each


def test_every_call_of_the_proxy_was_made_or_is_left_out(compute: Noted, old: Noted) -> None:
    """Run with the others of this module."""
    public = {
        name
        for name, kind in vars(_proxy.Proxy).items()
        if inspect.isfunction(kind) and not name.startswith("_")
    }

    assert public - compute.called - old.called - LEFT_OUT.keys() == set()
    assert LEFT_OUT.keys() <= public
