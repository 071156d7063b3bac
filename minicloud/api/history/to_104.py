"""2.54 to 2.104 (Queens to 2026)."""

from typing import Final

from minicloud.api.history.change import Change

_SERVER: Final = "server server-listed server-changed server-rebuilt"
_DISKS: Final = "/servers/{server_id}/os-volume_attachments"
_SHARES: Final = "/servers/{server_id}/shares"
_NO_VOLUMES: Final = "there are no volumes"
_INJECTED: Final = "-injected_files -injected_file_content_bytes -injected_file_path_bytes"

CHANGES: Final = (
    Change(
        54,
        "A rebuild may give another key pair, and tells it.",
        ("KEY_ON_REBUILD",),
        bodies=("rebuild +key_name",),
        answers=("server-rebuilt +key_name",),
    ),
    Change(
        55,
        "Flavors have a description, which can be changed.",
        ("FLAVOR_DESCRIPTION",),
        routes=("+PUT /flavors/{flavor_id}",),
        bodies=("POST /flavors +description",),
        answers=("flavor flavor-brief +description",),
    ),
    Change(
        56,
        "A migration may name its host.",
        ("MIGRATE_TO_HOST",),
        bodies=("migrate +host",),
    ),
    Change(
        57,
        "No files are put into servers any more, and their limits are gone. A rebuild may give"
        " other user data, and tells it.",
        ("PERSONALITY_GONE",),
        bodies=(
            "POST /servers -personality -personality.path -personality.contents",
            "rebuild -personality -personality.path -personality.contents +user_data",
            f"PUT /os-quota-sets/{{project_id}} {_INJECTED}",
            f"PUT /os-quota-class-sets/{{name}} {_INJECTED}",
        ),
        answers=(
            "server-rebuilt +user_data",
            "limits -maxPersonality -maxPersonalitySize",
            f"quota-set quota-set-changed quota-class-set quota-class-set-changed {_INJECTED}",
            "quota-set-detail -injected_files.in_use -injected_files.limit"
            " -injected_files.reserved -injected_file_content_bytes.in_use"
            " -injected_file_content_bytes.limit -injected_file_content_bytes.reserved"
            " -injected_file_path_bytes.in_use -injected_file_path_bytes.limit"
            " -injected_file_path_bytes.reserved",
        ),
    ),
    Change(
        58,
        "The actions of a server are listed in pages and by time; they tell when they changed.",
        ("ACTION_PAGING",),
        queries=(
            "GET /servers/{server_id}/os-instance-actions +limit +marker +changes-since +strict",
        ),
        answers=("action action-listed +updated_at",),
    ),
    Change(
        59,
        "Migrations are listed in pages and by time, and have uuids.",
        ("MIGRATION_PAGING",),
        queries=("GET /os-migrations +limit +marker +changes-since +strict",),
        answers=("migration server-migration +uuid",),
    ),
    Change(60, "A volume is attached to several servers.", nothing=_NO_VOLUMES),
    Change(
        61,
        "Flavors show their extra specs.",
        ("FLAVOR_EXTRA_SPECS",),
        answers=("flavor +extra_specs",),
    ),
    Change(
        62,
        "The events of an action tell where they were: the host to administrators, to others"
        " what stands for it.",
        ("EVENT_HOST",),
        answers=("action +events.hostId +events.host", "member:action +events.hostId"),
    ),
    Change(
        63,
        "The certificates that an image is trusted by.",
        ("TRUSTED_CERTIFICATES",),
        bodies=(
            "POST /servers +trusted_image_certificates",
            "rebuild +trusted_image_certificates",
        ),
        answers=(f"{_SERVER} +trusted_image_certificates",),
        nothing="images are not signed: to ask for certificates is refused",
    ),
    Change(
        64,
        "A server group has one policy, and rules for it.",
        ("GROUP_RULES",),
        bodies=("POST /os-server-groups -policies +policy +rules +rules.max_server_per_host",),
        answers=("server-group -policies -metadata +policy +rules",),
    ),
    Change(
        65,
        "A live migration that waits can be given up as well.",
        nothing="live migrations do not wait in a queue",
    ),
    Change(
        66,
        "Servers, actions and migrations are listed up to a time.",
        ("CHANGES_BEFORE",),
        queries=(
            "GET /servers +changes-before",
            "GET /servers/detail +changes-before",
            "GET /servers/{server_id}/os-instance-actions +changes-before",
            "GET /os-migrations +changes-before",
        ),
    ),
    Change(
        67,
        "The volumes of a new server may have a type.",
        ("VOLUME_TYPE",),
        bodies=("POST /servers +block_device_mapping_v2.volume_type",),
        nothing=f"{_NO_VOLUMES}: it is taken and means nothing",
    ),
    Change(
        68,
        "Nothing is moved by force.",
        ("NO_FORCE",),
        bodies=("evacuate -force", "os-migrateLive -force"),
    ),
    Change(
        69,
        "What a part of the cloud that is down keeps is shown in outline.",
        nothing="there is one database; without it there is no answer",
    ),
    Change(
        70,
        "Interfaces and volumes that are attached tell their tags.",
        ("INTERFACE_TAGS",),
        answers=("interface +tag",),
        nothing=f"of volumes: {_NO_VOLUMES}",
    ),
    Change(
        71,
        "A server that is shown by itself tells its group.",
        ("SERVER_GROUPS_SHOWN",),
        answers=("server server-changed server-rebuilt +server_groups",),
    ),
    Change(72, "Servers with ports that need bandwidth.", nothing="there are no ports"),
    Change(
        73,
        "A lock may have a reason. Servers are listed and sorted by whether they are locked.",
        ("LOCKED_REASON",),
        bodies=("lock +locked_reason",),
        queries=("GET /servers +locked", "GET /servers/detail +locked"),
        answers=(f"{_SERVER} +locked_reason",),
    ),
    Change(
        74,
        "A new server may name its host or hypervisor, and the filters still hold.",
        ("REQUESTED_HOST",),
        bodies=("POST /servers +host +hypervisor_hostname",),
    ),
    Change(
        75,
        "Queries that are not known are refused, and so are sort keys that mean nothing. An"
        " update and a rebuild answer all that a server shows. A flavor without swap has 0 of"
        " it. Hypervisors without servers list none, when they are asked for.",
        ("STRICT",),
        queries=(
            "GET /servers +strict",
            "GET /servers/detail +strict",
            "GET /flavors +strict",
            "GET /flavors/detail +strict",
            "GET /limits +strict",
            "GET /os-keypairs +strict",
            "GET /os-keypairs/{keypair_name} +strict",
            "DELETE /os-keypairs/{keypair_name} +strict",
            "GET /os-quota-sets/{project_id} +strict",
            "GET /os-quota-sets/{project_id}/detail +strict",
            "PUT /os-quota-sets/{project_id} +strict",
            "DELETE /os-quota-sets/{project_id} +strict",
            "GET /os-server-groups +strict",
            "GET /os-services +strict",
            "GET /os-simple-tenant-usage +strict",
            "GET /os-simple-tenant-usage/{project_id} +strict",
            f"GET {_DISKS} +strict",
        ),
        answers=(
            "flavor -swap(text) +swap(number)",
            "server-changed +OS-EXT-SRV-ATTR:user_data +key_name",
            "server-changed server-rebuilt +config_drive +OS-EXT-AZ:availability_zone"
            " +OS-EXT-STS:task_state +OS-EXT-STS:vm_state +OS-EXT-STS:power_state"
            " +OS-SRV-USG:launched_at +OS-SRV-USG:terminated_at"
            " +os-extended-volumes:volumes_attached +security_groups.name +host_status"
            " +OS-EXT-SRV-ATTR:host +OS-EXT-SRV-ATTR:hypervisor_hostname"
            " +OS-EXT-SRV-ATTR:instance_name +OS-EXT-SRV-ATTR:reservation_id"
            " +OS-EXT-SRV-ATTR:launch_index +OS-EXT-SRV-ATTR:hostname"
            " +OS-EXT-SRV-ATTR:kernel_id +OS-EXT-SRV-ATTR:ramdisk_id"
            " +OS-EXT-SRV-ATTR:root_device_name +addresses.private.OS-EXT-IPS:type"
            " +addresses.private.OS-EXT-IPS-MAC:mac_addr",
            "hypervisor-empty +servers",
        ),
    ),
    Change(76, "Bare metal tells that its power has changed.", ("POWER_UPDATE",)),
    Change(
        77,
        "A server may be unshelved in another zone.",
        ("UNSHELVE_TO_ZONE",),
        bodies=("unshelve +availability_zone",),
    ),
    Change(
        78,
        "The memory nodes that a server is on.",
        routes=("+GET /servers/{server_id}/topology",),
        nothing="of what it tells: guests here are bound to no node",
    ),
    Change(79, "A volume may be deleted with its server.", nothing=_NO_VOLUMES),
    Change(
        80,
        "Migrations tell their user and project, and are listed by them.",
        ("MIGRATION_OWNER",),
        queries=("GET /os-migrations +user_id +project_id",),
        answers=("migration server-migration +user_id +project_id",),
    ),
    Change(
        81,
        "The hosts of an aggregate can be made to fetch images.",
        ("IMAGE_CACHE",),
        routes=("+POST /os-aggregates/{aggregate_id}/images",),
    ),
    Change(82, "Accelerators tell that they are bound.", ("ACCELERATOR_EVENT",)),
    Change(
        83,
        "Everybody lists servers by zone, key, states, times and user; before these were passed"
        " over for all but administrators.",
        ("FILTERS_FOR_ALL",),
    ),
    Change(
        84,
        "The events of an action tell what went wrong.",
        ("EVENT_DETAILS",),
        answers=("action +events.details",),
    ),
    Change(85, "Whether a volume is deleted with its server can be changed.", nothing=_NO_VOLUMES),
    Change(
        86,
        "Extra specs of namespaces that are known are checked.",
        ("EXTRA_SPECS_CHECKED",),
    ),
    Change(87, "Servers that boot from volumes are rescued.", nothing=_NO_VOLUMES),
    Change(
        88,
        "Hypervisors no longer tell numbers that mislead, and tell how long they are up.",
        ("HYPERVISOR_NUMBERS_GONE",),
        routes=("-GET /os-hypervisors/statistics", "-GET /os-hypervisors/{ref}/uptime"),
        answers=(
            "hypervisor -current_workload -cpu_info(object) -vcpus -vcpus_used -free_disk_gb"
            " -local_gb -local_gb_used -disk_available_least -free_ram_mb -memory_mb"
            " -memory_mb_used -running_vms +uptime",
        ),
    ),
    Change(89, "Volumes that are attached tell the id of that.", nothing=_NO_VOLUMES),
    Change(
        90,
        "The host name of a server can be chosen, is shown to everybody and listed by.",
        ("HOSTNAME",),
        bodies=(
            "POST /servers +hostname",
            "PUT /servers/{server_id} +hostname",
            "rebuild +hostname",
        ),
        answers=(
            "member:server member:server-listed member:server-changed member:server-rebuilt"
            " +OS-EXT-SRV-ATTR:hostname",
        ),
    ),
    Change(
        91,
        "A server may be unshelved on a host, and let go of its zone.",
        ("UNSHELVE_TO_HOST",),
        bodies=("unshelve +host",),
    ),
    Change(
        92,
        "Key pairs are brought, none is made any more; their names may have @ and points.",
        ("KEY_PAIRS_IMPORTED",),
    ),
    Change(
        93,
        "A server that boots from a volume is rebuilt; volumes tell that they are imaged anew.",
        ("REIMAGED_EVENT",),
        nothing=f"of the rebuild: {_NO_VOLUMES}",
    ),
    Change(94, "The host name of a server may be a full one, with its domain.", ("FQDN",)),
    Change(95, "A server that is evacuated stays off.", ("EVACUATED_STAY_OFF",)),
    Change(
        96,
        "A server tells the zone that it is pinned to.",
        ("PINNED_ZONE",),
        answers=(f"{_SERVER} +pinned_availability_zone",),
    ),
    Change(
        97,
        "Shares are attached to servers.",
        ("SHARES",),
        routes=(
            f"+GET {_SHARES}",
            f"+POST {_SHARES}",
            f"+GET {_SHARES}/{{ref}}",
            f"+DELETE {_SHARES}/{{ref}}",
        ),
        queries=(f"GET {_SHARES} +strict", f"GET {_SHARES}/{{ref}} +strict"),
        nothing="there are no shares: lists are empty, to attach one is 501",
    ),
    Change(
        98,
        "The image of a server shows its properties.",
        ("IMAGE_PROPERTIES",),
        answers=(f"{_SERVER} +image.properties",),
    ),
    Change(
        99,
        "Consoles of the type spice-direct can be asked for; tokens tell a port for TLS.",
        ("SPICE_DIRECT",),
        queries=("GET /os-console-auth-tokens/{console_token} +strict",),
        answers=("console-token +tls_port",),
    ),
    Change(
        100,
        "A server tells the hints that the scheduler was given for it.",
        ("HINTS_SHOWN",),
        answers=(f"{_SERVER} +scheduler_hints",),
    ),
    Change(
        101,
        "A volume is attached after the answer, which is empty.",
        nothing=_NO_VOLUMES,
    ),
    Change(
        102,
        "Flavors are listed by name; they have no rxtx_factor any more and do not tell whether"
        " they are disabled. What is read takes no query that is not known.",
        ("FLAVOR_NAME_FILTER", "FLAVOR_FACTOR_GONE", "STRICT_EVERYWHERE"),
        bodies=("POST /flavors -rxtx_factor",),
        queries=("GET /flavors +name", "GET /flavors/detail +name", "every other GET +strict"),
        answers=("flavor -rxtx_factor -OS-FLV-DISABLED:disabled",),
    ),
    Change(
        103,
        "os-volumes_boot, an old name of servers, is gone.",
        routes=(
            "-GET /os-volumes_boot",
            "-POST /os-volumes_boot",
            "-GET /os-volumes_boot/detail",
            "-GET /os-volumes_boot/{server_id}",
            "-PUT /os-volumes_boot/{server_id}",
            "-DELETE /os-volumes_boot/{server_id}",
        ),
        nothing="of its actions, which Nova has left",
    ),
    Change(
        104,
        "A server can be pinned to the zone that it is in, and let go.",
        ("PINNED_ZONE_UPDATE",),
        bodies=("PUT /servers/{server_id} +pinned_availability_zone",),
    ),
)
