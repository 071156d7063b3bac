"""Where servers go that are made by the real client, one command after the other."""

import contextlib
import io
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, Final

from minicloud.cmd.minicloud import parser
from minicloud.cmd.what_if import what_if
from tests.functional.boot_cloud import eventually
from tests.functional.client_shell import Shell
from tests.functional.clouds import Cloud
from tests.functional.strict_client import Client

_IS_NOT_IN_DRY_RUNS: Final = re.compile(
    r"--host |--hypervisor-hostname |--server-group |--property |--os-"
).search
HOSTS: Final = "node1 node2 node3 node4"
_FILTERS: Final = (
    "RetryFilter,AvailabilityZoneFilter,ComputeFilter,AggregateRamFilter,AggregateCoreFilter,"
    "AggregateDiskFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter,"
    "ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter,AggregateInstanceExtraSpecsFilter,"
    "AggregateMultiTenancyIsolation,AggregateImagePropertiesIsolation,"
    "AggregateTypeAffinityFilter,AggregateIoOpsFilter,AggregateNumInstancesFilter,"
    "SameHostFilter,DifferentHostFilter,SimpleCIDRAffinityFilter,JsonFilter,"
)
_SETTINGS: Final = {
    "fake.host_ips": "node1:10.0.0.1,node2:10.0.0.2,node3:10.0.1.3,node4:fd00::4",
    "identity.bcrypt_rounds": "4",  # every command logs in
    "quota.instances": "-1",
    "quota.cores": "-1",
    "quota.ram": "-1",
    # What aggregates may turn on: alone it hardly counts.
    "filter_scheduler.image_props_weight_multiplier": "1e-9",
    "DEFAULT.compute_monitors": "cpu.virt_driver",
    "fake.metrics": "power=1.0,node3/power=2.0",
    "metrics.weight_setting": "power=1.0",
    "metrics.weight_multiplier": "0.0",
}


def settings(by_name: str) -> list[str]:
    """Every filter that looks at a hint, a flavor, an image or an aggregate.

    `by_name`: the one of the two for groups that are only a name.
    """
    chosen = {"filter_scheduler.enabled_filters": _FILTERS + by_name, **_SETTINGS}
    return [word for pair in chosen.items() for word in ("--set", "=".join(pair))]


class Placing:
    """An administrator's commands; what they made goes with `clear`.

    In a command `{name}` is the id of what was made under that name before.
    """

    def __init__(self, cloud: Cloud, shell: Shell) -> None:
        self._cloud, self._shell, self._client = cloud, shell, Client(cloud)
        demo = Client(cloud, "demo")
        self._ids = {"admin": self._client.project, "demo": demo.project}
        self._flavors = self._listed("/flavors")

    def given(self, *commands: str) -> None:
        """Run commands that must succeed, without the word `openstack`."""
        for command in commands:
            words = shlex.split(command.format_map(self._ids))
            if "create" not in words:
                self._shell.ok("", *words)
                continue
            made = self._shell.json("", *words)
            self._ids[made["name"]] = made["id"]
            if words[:2] == ["server", "create"]:
                self.landed(made["name"])

    def boot(self, name: str, wishes: str = "") -> str:
        """Where a new server is: its host, why none was found, or what the client said."""
        said = self._shell.run("", *self._creation(name, wishes), "-f", "json")
        if said.code:
            return said.err
        self._ids[name] = said.json["id"]
        return self.landed(name)

    def began(self, name: str, wishes: str) -> None:
        """Make a server that has a host and is not ready yet."""
        made = self._shell.json("", *self._creation(name, wishes))
        self._ids[name] = made["id"]
        eventually(lambda: self.shown(name)["OS-EXT-SRV-ATTR:host"])

    def landed(self, name: str) -> str:
        """The host of a server that is at rest, or the sentence of its fault."""
        return eventually(lambda: self._at_rest(name))

    def shown(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._shell.json("server show", str(self._ids[name]))
        return found

    def what_if(self, wishes: str) -> dict[str, Any] | None:
        """What `minicloud whatif` tells of such a server; None: that there can be none."""
        words = shlex.split(wishes.format_map(self._ids).replace("--availability-zone", "--az"))
        for option, usual in (("--image", "cirros"), ("--flavor", "m1.nano")):
            if option not in words:
                words += [option, usual]
        root = ["--state-dir", str(self._cloud.state.root), "--format", "json"]
        options = parser().parse_args(["whatif", *words, *root])
        options.state_dir = self._cloud.state.root
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = what_if(options)
        return json.loads(out.getvalue()) if code in (0, 4) else None

    def clear(self) -> None:
        call = self._client.call
        servers = [one["id"] for one in self._listed("/servers?all_tenants=1", "servers")]
        for ref in servers:
            call("DELETE", f"/servers/{ref}", wants=(204,))
        for ref in servers:
            self._client.wait(ref, ("ACTIVE", "ERROR", "BUILD"), ("DELETED",))
        for one in self._listed("/os-aggregates", "aggregates"):
            path = f"/os-aggregates/{one['id']}"
            for host in one["hosts"]:
                call("POST", f"{path}/action", {"remove_host": {"host": host}})
            call("DELETE", path)
        for one in self._listed("/os-server-groups?all_projects=true", "server_groups"):
            call("DELETE", f"/os-server-groups/{one['id']}", wants=(204,))
        before = [one["id"] for one in self._flavors]
        for one in self._listed("/flavors"):
            if one["id"] not in before:
                call("DELETE", f"/flavors/{one['id']}", wants=(202,))
        for one in call("GET", "/v2/images", service="image")["images"]:
            if one["name"] != "cirros":
                call("DELETE", f"/v2/images/{one['id']}", wants=(204,), service="image")

    def _at_rest(self, name: str) -> str | None:
        shown = self.shown(name)
        if shown["status"] == "ERROR":
            return str(shown["fault"]["message"])
        return str(shown["OS-EXT-SRV-ATTR:host"]) if shown["status"] == "ACTIVE" else None

    def _listed(self, path: str, key: str = "flavors") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.call("GET", path)[key]
        return found

    def _creation(self, name: str, wishes: str) -> Iterator[str]:
        words = shlex.split(wishes.format_map(self._ids))
        yield from ("server", "create", *words, name)
        for option, usual in (("--image", "cirros"), ("--flavor", "m1.nano")):
            if option not in words:
                yield from (option, usual)


def check(placing: Placing, wishes: str, wanted: str, *, by: str = "room") -> None:
    """A server with these wishes lands on one of the hosts, or is refused with these words; and
    the dry run has said so before.

    `by`: "room" where these are all the hosts that take it, "weight" where they are the best.
    """
    is_dry = not _IS_NOT_IN_DRY_RUNS(wishes)
    told = placing.what_if(wishes) if is_dry else None

    outcome = placing.boot("tried", wishes)

    hosts = wanted.split()
    if hosts[0].startswith("node"):
        assert outcome in hosts, (wishes, outcome)
        assert not is_dry or _found(told, by) == set(hosts), (wishes, told)
    else:
        assert wanted in outcome, (wishes, outcome)
        assert not told or told["refused"]["sentence"] in outcome, (wishes, outcome, told)


def _found(told: dict[str, Any] | None, by: str) -> set[str]:
    """The hosts of a dry run; it knows no more than those that take the server."""
    if told is None or told["refused"]:
        return set()
    best = set(told["equally_good"])
    taking = {one["host"] for one in told["fits"]["hosts"]}
    return best if by == "weight" else taking
