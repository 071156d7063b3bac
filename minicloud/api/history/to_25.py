"""2.2 to 2.25 (Kilo, Liberty, Mitaka)."""

from typing import Final

from minicloud.api.history.change import Change

_NO_VOLUMES: Final = "there are no volumes"
_SERVER: Final = "server server-listed server-changed server-rebuilt"

CHANGES: Final = (
    Change(
        2,
        "Key pairs have a type, ssh or x509.",
        ("KEY_PAIR_TYPE",),
        bodies=("POST /os-keypairs +type",),
        answers=("keypair keypair-listed keypair-created +type",),
        statuses=("POST /os-keypairs 201", "DELETE /os-keypairs/{keypair_name} 204"),
    ),
    Change(
        3,
        "Administrators see more of what is inside of a server.",
        ("EXTENDED_ATTRIBUTES",),
        answers=(
            "server server-listed +OS-EXT-SRV-ATTR:reservation_id +OS-EXT-SRV-ATTR:launch_index"
            " +OS-EXT-SRV-ATTR:hostname +OS-EXT-SRV-ATTR:kernel_id +OS-EXT-SRV-ATTR:ramdisk_id"
            " +OS-EXT-SRV-ATTR:root_device_name +OS-EXT-SRV-ATTR:user_data",
        ),
        nothing=f"of volumes_attached: {_NO_VOLUMES}",
    ),
    Change(
        4,
        "A fixed address tells whether it is reserved.",
        nothing="os-fixed-ips is gone at every version",
    ),
    Change(
        5,
        "Everybody may list servers by ip6; before it was passed over for all but administrators.",
        ("IP6_FILTER",),
    ),
    Change(
        6,
        "Consoles are asked for at an address of their own, no longer by actions.",
        ("REMOTE_CONSOLES",),
        routes=(
            "+POST /servers/{server_id}/remote-consoles",
            "-action os-getVNCConsole",
            "-action os-getSPICEConsole",
            "-action os-getSerialConsole",
        ),
    ),
    Change(
        7,
        "A project is given access to flavors that are not public only; else it is a conflict.",
        ("ACCESS_TO_PRIVATE_ONLY",),
    ),
    Change(8, "Consoles of the protocol mks (webmks) can be asked for.", ("MKS_CONSOLE",)),
    Change(
        9,
        "A server tells whether it is locked.",
        ("LOCKED",),
        answers=(f"{_SERVER} +locked",),
    ),
    Change(
        10,
        "Administrators manage the key pairs of other users.",
        ("KEY_PAIRS_OF_OTHERS",),
        bodies=("POST /os-keypairs +user_id",),
        queries=(
            "GET /os-keypairs +user_id",
            "GET /os-keypairs/{keypair_name} +user_id",
            "DELETE /os-keypairs/{keypair_name} +user_id",
        ),
    ),
    Change(
        11,
        "A service can be said to be down, and tells it.",
        ("FORCED_DOWN",),
        bodies=("PUT /os-services/{service_id} +forced_down",),
        answers=("service +forced_down",),
    ),
    Change(
        12,
        "Virtual interfaces tell their network.",
        nothing="os-virtual-interfaces is gone at every version",
    ),
    Change(
        13,
        "Server groups tell their project and user.",
        ("GROUP_OWNER",),
        answers=("server-group +project_id +user_id",),
    ),
    Change(
        14,
        "Evacuation finds out by itself what storage is shared, and answers no password.",
        ("EVACUATE_PLAIN",),
        bodies=("evacuate -onSharedStorage",),
        answers=("evacuated -adminPass",),
    ),
    Change(
        15,
        "Server groups may be soft: members together, or apart, where that can be.",
        ("SOFT_POLICIES",),
    ),
    Change(
        16,
        "Servers tell the status of their host, to administrators.",
        ("HOST_STATUS",),
        answers=("server server-listed +host_status",),
    ),
    Change(
        17,
        "A guest can be made to write a crash dump.",
        routes=("+action trigger_crash_dump",),
        nothing="what is dumped: no simulated hypervisor can, so that it answers 501",
    ),
    Change(
        18,
        "The project may be left out of addresses.",
        nothing="as in Nova it may at every version",
    ),
    Change(
        19,
        "Servers have a description of their own; before it was their name.",
        ("DESCRIPTION",),
        bodies=(
            "POST /servers +description",
            "PUT /servers/{server_id} +description",
            "rebuild +description",
        ),
        answers=(f"{_SERVER} +description",),
    ),
    Change(
        20,
        "Volumes are attached to and detached from servers that are shelved.",
        nothing=_NO_VOLUMES,
    ),
    Change(
        21,
        "The actions of servers that are deleted are told as well.",
        ("ACTIONS_OF_DELETED",),
    ),
    Change(
        22,
        "A live migration can be made to end, whatever that takes.",
        routes=("+action force_complete",),
    ),
    Change(
        23,
        "The live migrations of a server that are under way are listed; all tell their type.",
        ("MIGRATION_TYPE",),
        routes=(
            "+GET /servers/{server_id}/migrations",
            "+GET /servers/{server_id}/migrations/{migration_id}",
        ),
        answers=("migration +migration_type +links.rel +links.href",),
    ),
    Change(
        24,
        "A live migration that is under way can be given up.",
        routes=("+DELETE /servers/{server_id}/migrations/{migration_id}",),
    ),
    Change(
        25,
        "Live migration finds out by itself whether disks have to be copied (auto).",
        ("BLOCK_MIGRATION_AUTO",),
        bodies=("os-migrateLive -disk_over_commit",),
    ),
)
