"""Every word by which users and operators say where a server goes, as the client has them.

What is prepared, then the servers: their wishes, and the hosts that will do, or
what is said instead.
`node1` has a server of 4 processors, 8 GB and 100 GB where a case says LOADED; all hosts have 16,
64 GB and 1 TB.
"""

from typing import Final, NamedTuple

from tests.functional.placing import HOSTS


class Case(NamedTuple):
    given: tuple[str, ...]
    boots: tuple[tuple[str, str], ...]


LOADED: Final = (
    "flavor create --ram 8192 --disk 100 --vcpus 4 load",
    "server create --image cirros --flavor load --availability-zone :node1 loaded",
)
_TIERS: Final = tuple(
    command
    for host, tier in (("node1", 1), ("node2", 2), ("node3", 10))
    for command in (
        f"aggregate create --property tier={tier} tier{tier}",
        f"aggregate add host tier{tier} {host}",
    )
)


def _query(text: str) -> str:
    return f"--hint query='{text}'"


def on(host: str) -> str:
    """The wish for a host that leaves the filters on."""
    return _query(f'["=","$host","{host}"]')


def _aggregate(metadata: str, *hosts: str) -> tuple[str, ...]:
    properties = "".join(f" --property {pair}" for pair in metadata.split())
    added = (f"aggregate add host some {host}" for host in hosts)
    return (f"aggregate create{properties} some", *added)


def _flavor(**specs: str) -> tuple[str, ...]:
    properties = "".join(f" --property {key}='{value}'" for key, value in specs.items())
    return (f"flavor create --ram 64 --disk 1 --vcpus 1{properties} special",)


def _image(words: str) -> tuple[str, ...]:
    return (f"image create --disk-format raw --file /dev/null {words} special",)


QUERIES: Final = Case(
    LOADED,
    (
        (_query('[">=","$free_ram_mb",1024]'), HOSTS),
        (_query('[">","$vcpus_used",3]'), "node1"),
        (_query('["<","$vcpus_used",4]'), "node2 node3 node4"),
        (_query('["<=","$free_disk_mb",999999]'), "node1"),
        (_query('["=","$total_usable_ram_mb",65536]'), HOSTS),
        (_query('["=","$host","node2"]'), "node2"),
        (_query('["in","$host","node2","node4"]'), "node2 node4"),
        (_query('["not",["in","$host","node1","node2"]]'), "node3 node4"),
        (_query('["and",[">","$vcpus_total",1],["=","$host","node3"]]'), "node3"),
        (_query('["or",["=","$host","node2"],["=","$host","node3"]]'), "node2 node3"),
        (_query('["and",["not",["=","$host","node1"]],["<=","$host","node2"]]'), "node2"),
        (_query('["<","$free_ram_mb",1024]'), "refused by: JsonFilter 4"),
        (_query('["=","$nothing",1]'), "refused by: JsonFilter 4"),
        (_query("[>=,$free_ram_mb,1024]"), "query is not JSON"),
        (_query('["~","$free_ram_mb",1024]'), "query has no operator"),
    ),
)

OF_ONE_HOST: Final = Case(
    ("aggregate create --zone east east", "aggregate add host east node4"),
    (
        ("--availability-zone nova:node3", "node3"),
        ("--availability-zone :node3", "node3"),
        ("--availability-zone nova:node3:node3", "node3"),
        ("--availability-zone nova::node2", "node2"),
        ("--availability-zone east:node1", "node1"),  # forced: as in Nova it need not be there
        ("--availability-zone nova:nowhere", "refused by: force_hosts 4"),
        ("--availability-zone a:b:c:d", "Unable to parse availability_zone"),
        ("--host node2", "node2"),
        ("--hypervisor-hostname node3", "node3"),
        ("--host node4 --availability-zone east", "node4"),
        ("--host node4 --availability-zone nova", "AvailabilityZoneFilter 1"),
        ("--host nowhere", "Compute host nowhere could not be found"),
        ("--host node1 --availability-zone nova:node1", "cannot be named together"),
    ),
)

OF_OTHER_SERVERS: Final = Case(
    (
        "server create --image cirros --flavor m1.nano --availability-zone :node1 a",
        "server create --image cirros --flavor m1.nano --availability-zone :node2 b",
    ),
    (
        ("--hint same_host={a}", "node1"),
        ("--hint same_host={a} --hint same_host={b}", "node1 node2"),
        ("--hint different_host={a}", "node2 node3 node4"),
        ("--hint different_host={a} --hint different_host={b}", "node3 node4"),
        ("--hint same_host={a} --hint different_host={a}", "HostFilter"),
        ("--hint same_host={admin}", "refused by: SameHostFilter 4"),  # no server's id
        ("--hint same_host=a", "does not match"),
    ),
)

NEAR_AN_ADDRESS: Final = Case(
    (),
    (
        ("--hint build_near_host_ip=10.0.0.9", "node1 node2"),
        ("--hint build_near_host_ip=10.0.0.2 --hint cidr=/32", "node2"),
        ("--hint build_near_host_ip=10.0.9.9 --hint cidr=/16", "node1 node2 node3"),
        ("--hint build_near_host_ip=fd00::9 --hint cidr=/64", "node4"),
        ("--hint build_near_host_ip=192.0.2.1", "refused by: SimpleCIDRAffinityFilter 4"),
        ("--hint build_near_host_ip=10.0.0.9 --hint cidr=24", "cidr"),
        ("--hint build_near_host_ip=there", "build_near_host_ip"),
    ),
)

APART: Final = Case(
    (
        "server group create --policy anti-affinity apart",
        *_aggregate("availability_zone=east", "node1", "node2"),
    ),
    (
        ("--availability-zone east --hint group={apart}", "node1 node2"),
        ("--availability-zone east --server-group apart", "node1 node2"),
        ("--availability-zone east --hint group={apart}", "ServerGroupAntiAffinityFilter 2"),
        ("--hint group={admin}", "could not be found"),
    ),
)

TOGETHER: Final = Case(
    ("server group create --policy affinity together",),
    (
        ("--availability-zone :node3 --hint group={together}", "node3"),
        ("--hint group={together}", "node3"),
        ("--hint group={together} " + on("node2"), "refused by: ServerGroupAffinityFilter"),
    ),
)

HINTS_OF_OTHERS: Final = Case(
    (),
    (
        ("--hint colour=blue --hint colour=red", HOSTS),
        ("--hint target_cell=cell1 --hint reservation={admin}", HOSTS),
        ("--hint pending_timeout=60", HOSTS),
        ("--hint pending_timeout=never", "pending_timeout"),
    ),
)

OPERATORS: Final[tuple[tuple[str, str], ...]] = (  # of a flavor, over the aggregates of _TIERS
    ("2", "node2"),
    ("= 2", "node2 node3"),
    ("== 2", "node2"),
    ("!= 2", "node1 node3"),
    (">= 2", "node2 node3"),
    ("<= 2", "node1 node2"),
    ("s== 10", "node3"),
    ("s!= 10", "node1 node2"),
    ("s< 2", "node1 node3"),
    ("s<= 10", "node1 node3"),
    ("s> 10", "node2"),
    ("s>= 10", "node2 node3"),
    ("<in> 1", "node1 node3"),
    ("<all-in> 1 0", "node3"),
    ("<or> 1 <or> 2", "node1 node2"),
    ("> 1", "refused by: AggregateInstanceExtraSpecsFilter 4"),  # there is no such operator
)
TIERS: Final = (*_TIERS, *_flavor())

CASES: Final[dict[str, Case]] = {
    "query": QUERIES,
    "one host": OF_ONE_HOST,
    "same_host, different_host": OF_OTHER_SERVERS,
    "build_near_host_ip, cidr": NEAR_AN_ADDRESS,
    "group: anti-affinity": APART,
    "group: affinity": TOGETHER,
    "other hints": HINTS_OF_OTHERS,
    "flavor: unscoped, a key of aggregates": Case(
        _flavor(net="10g") + _aggregate("net=1g,10g", "node2", "node4"),
        (("--flavor special", "node2 node4"),),
    ),
    "flavor: unscoped, a fact of hosts too": Case(
        _flavor(hypervisor_type="fake") + _aggregate("hypervisor_type=fake", "node3"),
        (("--flavor special", "node3"),),
    ),
    "flavor: unscoped, a fact that is another": Case(
        _flavor(hypervisor_type="xen") + _aggregate("hypervisor_type=xen", "node3"),
        (("--flavor special", "ComputeCapabilitiesFilter 4"),),
    ),
    "flavor: a scope of nobody here": Case(
        _flavor(**{"acme:colour": "blue"}), (("--flavor special", HOSTS),)
    ),
    "flavor: capabilities, a number": Case(
        LOADED + _flavor(**{"capabilities:vcpus_used": "<= 3"}),
        (("--flavor special", "node2 node3 node4"),),
    ),
    "flavor: capabilities, inside of a fact": Case(
        _flavor(**{"capabilities:cpu_info:arch": "<or> x86_64 <or> i686"}),
        (("--flavor special", HOSTS),),
    ),
    "flavor: capabilities, of no host": Case(
        _flavor(**{"capabilities:hypervisor_version": "s>= 2000"}),
        (("--flavor special", "refused by: ComputeCapabilitiesFilter 4"),),
    ),
    "flavor: capabilities, a path to nothing": Case(
        _flavor(**{"capabilities:cpu_info:colour": "<in> blue"}),
        (("--flavor special", "refused by: ComputeCapabilitiesFilter 4"),),
    ),
    "aggregate: availability_zone": Case(
        ("aggregate create --zone east east", "aggregate add host east node2"),
        (
            ("--availability-zone east", "node2"),
            ("--availability-zone nova", "node1 node3 node4"),
            ("--availability-zone east " + on("node1"), "AvailabilityZoneFilter 3"),
            ("--availability-zone mars", "The requested availability zone is not available"),
        ),
    ),
    "aggregate: instance_type": Case(
        _aggregate("instance_type=m1.tiny,m1.small", "node1", "node2", "node3"),
        (
            ("", "node4"),
            ("--flavor m1.small " + on("node1"), "node1"),
            (on("node2"), "AggregateTypeAffinityFilter 3"),
        ),
    ),
    "aggregate: max_instances_per_host": Case(
        _aggregate("max_instances_per_host=2", "node1"),
        (
            (on("node1"), "node1"),
            (on("node1"), "node1"),
            (on("node1"), "AggregateNumInstancesFilter 1"),
            ("", "node2 node3 node4"),
        ),
    ),
    "aggregate: filter_tenant_id": Case(
        (
            *_aggregate("filter_tenant_id={demo}", "node1"),
            "aggregate create --property filter_tenant_id_2={demo},{admin} ours",
            "aggregate add host ours node2",
        ),
        (
            ("", "node2 node3 node4"),
            (on("node2"), "node2"),
            (on("node1"), "AggregateMultiTenancyIsolation 1"),
        ),
    ),
    "aggregate: properties of images": Case(
        (
            *_aggregate("os_distro=debian,cirros", "node1"),
            "aggregate create --property os_distro=windows win",
            "aggregate add host win node2",
            "aggregate add host win node3",
            *_image("--property os_distro=windows"),
        ),
        (
            ("", "node1 node4"),
            ("--image special", "node2 node3 node4"),
            ("--image special " + on("node1"), "AggregateImagePropertiesIsolation 1"),
        ),
    ),
    "aggregate: ram_allocation_ratio": Case(
        (
            *_aggregate("ram_allocation_ratio=4.0", "node2"),
            "flavor create --ram 200000 --disk 1 --vcpus 1 large",
        ),
        (
            ("--flavor large", "node2"),
            ("--flavor large", "refused by: AggregateRamFilter 4"),
        ),
    ),
    "aggregate: cpu_allocation_ratio": Case(
        (
            *_aggregate("cpu_allocation_ratio=1.0", "node1", "node2", "node3"),
            "flavor create --ram 64 --disk 1 --vcpus 20 large",
        ),
        (
            ("--flavor large", "node4"),
            ("--flavor large " + on("node3"), "AggregateCoreFilter 3"),
        ),
    ),
    "aggregate: disk_allocation_ratio": Case(
        (
            *_aggregate("disk_allocation_ratio=2.0", "node3"),
            "flavor create --ram 64 --disk 1500 --vcpus 1 large",
        ),
        (
            ("--flavor large", "node3"),
            ("--flavor large", "refused by: AggregateDiskFilter 4"),
        ),
    ),
    "image: architecture": Case(
        _image("--property hw_architecture=aarch64"),
        (("--image special", "refused by: ImagePropertiesFilter 4"),),
    ),
    "image: what the hosts run": Case(
        _image("--property architecture=i386 --property hypervisor_type=qemu"),
        (("--image special", HOSTS),),
    ),
    "image: not in this combination": Case(
        _image("--property hw_architecture=i686 --property img_hv_type=fake"),
        (("--image special", "refused by: ImagePropertiesFilter 4"),),
    ),
    "image: another hypervisor": Case(
        _image("--property img_hv_type=xen"),
        (("--image special", "refused by: ImagePropertiesFilter 4"),),
    ),
    "image: another mode": Case(
        _image("--property vm_mode=xen"),
        (("--image special", "refused by: ImagePropertiesFilter 4"),),
    ),
    "image: a version of the hypervisor": Case(
        _image("--property 'img_hv_requested_version=>=6.0'"),
        (("--image special", "refused by: ImagePropertiesFilter 4"),),
    ),
    "image: min_ram": Case(
        _image("--min-ram 512"),
        (
            ("--image special --flavor m1.nano", "memory is too small for requested image"),
            ("--image special --flavor m1.tiny", HOSTS),
        ),
    ),
    "image: min_disk": Case(
        _image("--min-disk 10"),
        (
            ("--image special --flavor m1.tiny", "disk is smaller than the minimum size"),
            ("--image special --flavor m1.small", HOSTS),
        ),
    ),
}

_ALL: Final = tuple(HOSTS.split())


def _heavy(sizes: str, *hosts: str, more: str = "") -> tuple[str, ...]:
    made = (
        f"server create --image cirros --flavor heavy --availability-zone :{host}{more} on-{host}"
        for host in hosts
    )
    return (f"flavor create {sizes} heavy", *made)


_LARGE: Final = "--ram 60000 --disk 900 --vcpus 200"
_SOFT: Final = (
    "server group create --policy soft-affinity near",
    *_heavy(_LARGE, "node2", more=" --hint group={near}"),
)
_SOFT_ANTI: Final = (
    "server group create --policy soft-anti-affinity off",
    *_heavy(_LARGE, "node2", "node3", "node4"),
    "server create --image cirros --flavor m1.nano --availability-zone :node1 "
    "--hint group={off} first",
)


class Weighing(NamedTuple):
    given: tuple[str, ...]
    multiplier: str  # of all hosts
    wishes: str
    best: str


WEIGHTS: Final[dict[str, Weighing]] = {
    "as it is": Weighing(_heavy(_LARGE, "node2"), "", "", "node1 node3 node4"),
    "memory": Weighing(
        _heavy("--ram 60000 --disk 1 --vcpus 1", "node2"),
        "ram_weight_multiplier=-100",
        "",
        "node2",
    ),
    "processors": Weighing(
        _heavy("--ram 64 --disk 1 --vcpus 200", "node3"), "cpu_weight_multiplier=-100", "", "node3"
    ),
    "disk": Weighing(
        _heavy("--ram 64 --disk 900 --vcpus 1", "node4"),
        "disk_weight_multiplier=-100",
        "",
        "node4",
    ),
    "instances": Weighing(
        _heavy(_LARGE, "node2"), "num_instances_weight_multiplier=100", "", "node2"
    ),
    "no affinity": Weighing(
        _SOFT, "soft_affinity_weight_multiplier=0", "--hint group={near}", "node1 node3 node4"
    ),
    "affinity": Weighing(
        _SOFT, "soft_affinity_weight_multiplier=100", "--hint group={near}", "node2"
    ),
    "little anti-affinity": Weighing(_SOFT_ANTI, "", "--hint group={off}", "node1"),
    "anti-affinity": Weighing(
        _SOFT_ANTI,
        "soft_anti_affinity_weight_multiplier=100",
        "--hint group={off}",
        "node2 node3 node4",
    ),
    "metrics": Weighing((), "metrics_weight_multiplier=100", "", "node3"),
    "properties of images": Weighing(
        _heavy(_LARGE, "node4"), "image_props_weight_multiplier=100", "", "node4"
    ),
}


def weighed(multiplier: str) -> tuple[str, ...]:
    return _aggregate(multiplier, *_ALL)
