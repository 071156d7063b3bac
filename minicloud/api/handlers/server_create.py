"""From the body of POST /servers to the servers that are wanted."""

import hashlib
import re
import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from minicloud import errors
from minicloud.api.handlers.hints import hints_of
from minicloud.api.policies import servers as policies
from minicloud.api.policy import Policy
from minicloud.api.request import ApiRequest
from minicloud.api.schemas.fields import is_true
from minicloud.api.schemas.forms import address, any_address, base64_text
from minicloud.api.versions import Since
from minicloud.zones.base import NewServers, Once, Page, WishedInterface, Zone

_LETTERS: Final = string.ascii_letters + string.digits
ADDRESS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "accessIPv4": lambda name, text: address(name, text, 4),
    "accessIPv6": lambda name, text: address(name, text, 6),
}
_KEY: Final = re.compile(r"[ -~]{1,255}")
_BAD_DEVICES: Final = "Block Device Mapping is Invalid: {}"


def generated_password() -> str:
    """Answered once and kept nowhere."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


class Creation:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._hosts, self._policy = zone.hosts, policy

    def wanted(self, req: ApiRequest, body: Mapping[str, Any]) -> NewServers:
        server = body["server"]
        self._judge(req, server)
        _refuse_what_is_not_there(server)
        name = server["name"].strip() if req.legacy else server["name"]
        described = req.version >= Since.DESCRIPTION
        least, most = _counts(server)
        zone, host, node = self._forced(req, server)
        wished_host, wished_node = self._requested(req, server)
        return NewServers(
            name=name,
            flavor=_last_part(str(server["flavorRef"])),
            image=_image(server),
            min_count=least,
            max_count=most,
            description=server.get("description", None if described else name),
            availability_zone=zone,
            force_host=host,
            force_node=node,
            requested_host=wished_host,
            requested_node=wished_node,
            hints=hints_of(body),
            meta=server.get("metadata") or {},
            key_name=server.get("key_name"),
            tags=server.get("tags", ()),
            user_data=_formed(server, "user_data", base64_text),
            config_drive=is_true(server.get("config_drive")),
            hostname=server.get("hostname"),
            access_ip_v4=_formed(server, "accessIPv4", ADDRESS["accessIPv4"]),
            access_ip_v6=_formed(server, "accessIPv6", ADDRESS["accessIPv6"]),
            disk_config=server.get("OS-DCF:diskConfig", "MANUAL"),
            interfaces=_interfaces(server.get("networks"), most),
            security_groups=security_groups(server),
            once=_once(req, body),
            zero_disk=self._policy.allows(req.context, policies.ZERO_DISK),
        )

    def _judge(self, req: ApiRequest, server: Mapping[str, Any]) -> None:
        """What needs a rule of its own."""
        asked = {
            policies.ATTACH_NETWORK: server.get("networks") not in (None, [], "none"),
            policies.ATTACH_VOLUME: _devices(server),
            policies.TRUSTED_CERTS: server.get("trusted_image_certificates"),
        }
        for rule, wish in asked.items():
            if wish:
                self._policy.check(req.context, rule)

    def _forced(
        self, req: ApiRequest, server: Mapping[str, Any]
    ) -> tuple[str | None, str | None, str | None]:
        """Zone, host and node of `zone:host:node`; the last two are forced."""
        zone, host, node = _split(server.get("availability_zone"))
        if host or node:
            self._policy.check(req.context, policies.FORCED_HOST)
        return zone, host, node

    def _requested(
        self, req: ApiRequest, server: Mapping[str, Any]
    ) -> tuple[str | None, str | None]:
        """Host and node of the fields of 2.74; they must exist, and the filters stay on."""
        host, node = server.get("host"), server.get("hypervisor_hostname")
        if not (host or node):
            return None, None
        if any(_split(server.get("availability_zone"))[1:]):
            raise errors.BadRequest(
                "Host or hypervisor_hostname cannot be named together with "
                "an availability zone of the form zone:host:node."
            )
        self._policy.check(req.context, policies.REQUESTED_HOST)
        self._must_exist(req, host, node)
        return host, node

    def _must_exist(self, req: ApiRequest, host: str | None, node: str | None) -> None:
        if host and not self._hosts.services(req.context, host=host, binary="nova-compute"):
            raise errors.BadRequest(f"Compute host {host} could not be found.")
        if node:
            nodes = self._hosts.hypervisors(
                req.context, Page(limit=1_000_000, sort=(("id", "asc"),))
            )
            if not any(view.node.node == node for view in nodes):
                raise errors.BadRequest(f"Compute host {node} could not be found.")


def _split(text: str | None) -> tuple[str | None, str | None, str | None]:
    if not text:
        return None, None, None
    parts = text.split(":")
    if len(parts) > 3:
        raise errors.BadRequest("Invalid input received: Unable to parse availability_zone")
    zone, host, node = (*parts, "", "")[:3]
    return zone or None, host or None, node or None


def security_groups(server: Mapping[str, Any]) -> tuple[str, ...]:
    groups = server.get("security_groups") or [{"name": "default"}]
    return tuple(sorted({group["name"] for group in groups}))


def _interfaces(networks: Any, most: int) -> list[WishedInterface] | None:
    """None: whatever the zone gives by itself."""
    if networks == "none":
        return []
    if not networks or networks == "auto":
        return None
    return [_interface(one, most) for one in networks]


def _interface(one: Mapping[str, Any], most: int) -> WishedInterface:
    port, network, fixed_ip = one.get("port"), one.get("uuid"), one.get("fixed_ip")
    if port and most > 1:
        raise errors.BadRequest(
            "Unable to launch multiple instances with a single configured port ID. "
            "Please launch your instance one by one with different ports."
        )
    if port and fixed_ip:
        raise errors.BadRequest(
            f"Specified Fixed IP '{fixed_ip}' cannot be used with port '{port}': "
            "the two cannot be specified together."
        )
    if port:
        raise errors.BadRequest(f"Port {port} could not be found.")  # there is no port service
    if not network:
        raise errors.BadRequest("Bad network format: missing 'uuid'")
    return WishedInterface(
        network=str(UUID(network)),
        fixed_ip=any_address("fixed_ip", fixed_ip) if fixed_ip else None,
        tag=one.get("tag"),
    )


def _once(req: ApiRequest, body: Mapping[str, Any]) -> Once | None:
    """What the header Idempotency-Key asks for."""
    key = req.environ.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise errors.BadRequest("Idempotency-Key must be 1 to 255 printable ASCII characters.")
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return Once(key, hashlib.sha256(text).hexdigest())


def _refuse_what_is_not_there(server: Mapping[str, Any]) -> None:
    if server.get("personality"):
        raise errors.BadRequest("Personality files are not supported.")
    if server.get("trusted_image_certificates"):
        raise errors.BadRequest("Trusted image certificates are not supported.")


def _counts(server: Mapping[str, Any]) -> tuple[int, int]:
    least = int(server.get("min_count", 1))
    most = int(server.get("max_count", least))
    if least > most:
        raise errors.BadRequest("min_count must be <= max_count")
    return least, most


def _devices(server: Mapping[str, Any]) -> Any:
    return server.get("block_device_mapping_v2") or server.get("block_device_mapping")


def _image(server: Mapping[str, Any]) -> str:
    """Of imageRef, or of the one block device that can be had: the image on the local disk."""
    devices = server.get("block_device_mapping_v2") or []
    if server.get("block_device_mapping"):
        if devices:
            raise errors.BadRequest(
                "Using different block_device_mapping syntaxes is not allowed in the same request."
            )
        raise errors.BadRequest(_BAD_DEVICES.format("there are no volumes and snapshots here."))
    if len(devices) > 1:
        raise errors.BadRequest(_BAD_DEVICES.format("only the boot disk can be had."))
    ref = _last_part(server.get("imageRef") or "")
    for device in devices:
        from_image = device.get("source_type") == "image"
        if not from_image or device.get("destination_type", "local") != "local":
            raise errors.BadRequest(
                _BAD_DEVICES.format("only an image on a local disk can be had.")
            )
        if int(device.get("boot_index") or 0) != 0:
            raise errors.BadRequest(
                _BAD_DEVICES.format("Boot sequence for the instance is not valid.")
            )
        named = device.get("uuid") or device.get("image_id") or ""
        if ref and named and named != ref:
            raise errors.BadRequest(_BAD_DEVICES.format("it names another image."))
        ref = ref or named
    if not ref:
        raise errors.BadRequest("Invalid imageRef provided.")
    return ref


def _formed(server: Mapping[str, Any], name: str, form: Callable[[str, str], str]) -> str | None:
    text = server.get(name)
    return form(name, text) if text else None


def _last_part(ref: str) -> str:
    """References may be addresses."""
    return ref.rstrip("/").rsplit("/", 1)[-1]
