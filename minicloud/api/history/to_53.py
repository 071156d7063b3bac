"""2.26 to 2.53 (Newton, Ocata, Pike)."""

from typing import Final

from minicloud.api.history.change import Change

_SERVER: Final = "server server-listed server-changed server-rebuilt"
_TAGS: Final = "/servers/{server_id}/tags"
_IMAGE: Final = "/images/{image_id}"

CHANGES: Final = (
    Change(
        26,
        "Servers have tags, and are listed by them.",
        ("TAGS",),
        routes=(
            f"+GET {_TAGS}",
            f"+PUT {_TAGS}",
            f"+DELETE {_TAGS}",
            f"+GET {_TAGS}/{{tag}}",
            f"+PUT {_TAGS}/{{tag}}",
            f"+DELETE {_TAGS}/{{tag}}",
        ),
        queries=(
            "GET /servers +tags +tags-any +not-tags +not-tags-any",
            "GET /servers/detail +tags +tags-any +not-tags +not-tags-any",
        ),
        answers=(f"{_SERVER} +tags",),
    ),
    Change(
        27,
        "The version is asked for by the header OpenStack-API-Version.",
        nothing="both headers count at every version",
    ),
    Change(
        28,
        "What a hypervisor tells of its processor is an object, no longer a text.",
        ("CPU_INFO_OBJECT",),
        answers=("hypervisor -cpu_info(text) +cpu_info(object)",),
    ),
    Change(
        29,
        "A host that is named for an evacuation goes through the filters, unless by force.",
        ("EVACUATION_CHECKED",),
        bodies=("evacuate +force",),
    ),
    Change(
        30,
        "A host that is named for a live migration goes through the filters, unless by force.",
        ("LIVE_MIGRATION_CHECKED",),
        bodies=("os-migrateLive +force",),
    ),
    Change(
        31,
        "The tokens of consoles of all types are told of; before of RDP only.",
        ("TOKENS_OF_ALL_CONSOLES",),
    ),
    Change(
        32,
        "Interfaces and disks of a new server may have tags.",
        ("DEVICE_TAGS",),
        bodies=("POST /servers +networks.tag +block_device_mapping_v2.tag",),
    ),
    Change(
        33,
        "Hypervisors are listed in pages. By mistake disks can have no tags.",
        ("HYPERVISOR_PAGING", "DISK_TAGS_GONE"),
        bodies=("POST /servers -block_device_mapping_v2.tag",),
        queries=(
            "GET /os-hypervisors +limit +marker",
            "GET /os-hypervisors/detail +limit +marker",
        ),
    ),
    Change(
        34,
        "A live migration is accepted before it is checked.",
        nothing="it is checked by the scheduler at every version, after the answer",
    ),
    Change(
        35,
        "Key pairs are listed in pages, by name.",
        ("KEY_PAIR_PAGING",),
        queries=("GET /os-keypairs +limit +marker",),
    ),
    Change(
        36,
        "What is handed on to other services is gone, and the limits of networks with it.",
        ("NETWORK_LIMITS_GONE",),
        routes=(
            "-GET /images",
            "-GET /images/detail",
            f"-GET {_IMAGE}",
            f"-DELETE {_IMAGE}",
            "-GET /os-networks",
            "-GET /os-networks/{ref}",
            "-GET /os-tenant-networks",
            "-GET /os-tenant-networks/{ref}",
            "-GET /os-floating-ip-pools",
            "-GET /os-floating-ips",
            "-POST /os-floating-ips",
            "-GET /os-floating-ips/{ref}",
            "-DELETE /os-floating-ips/{ref}",
            "-GET /os-security-groups",
            "-POST /os-security-groups",
            "-GET /os-security-groups/{ref}",
            "-PUT /os-security-groups/{ref}",
            "-DELETE /os-security-groups/{ref}",
            "-POST /os-security-group-rules",
            "-DELETE /os-security-group-rules/{ref}",
            "-GET /os-volumes",
            "-POST /os-volumes",
            "-GET /os-volumes/detail",
            "-GET /os-volumes/{ref}",
            "-DELETE /os-volumes/{ref}",
            "-GET /os-snapshots",
            "-POST /os-snapshots",
            "-GET /os-snapshots/detail",
            "-GET /os-snapshots/{ref}",
            "-DELETE /os-snapshots/{ref}",
            "-GET /os-baremetal-nodes",
            "-POST /os-baremetal-nodes",
            "-GET /os-baremetal-nodes/{ref}",
            "-DELETE /os-baremetal-nodes/{ref}",
        ),
        bodies=(
            "PUT /os-quota-sets/{project_id} -fixed_ips -floating_ips -security_groups"
            " -security_group_rules",
        ),
        answers=(
            "limits -maxTotalFloatingIps -maxSecurityGroups -maxSecurityGroupRules"
            " -totalFloatingIpsUsed -totalSecurityGroupsUsed",
            "quota-set quota-set-changed -fixed_ips -floating_ips -security_groups"
            " -security_group_rules",
            "quota-set-detail -fixed_ips.in_use -fixed_ips.limit -fixed_ips.reserved"
            " -floating_ips.in_use -floating_ips.limit -floating_ips.reserved"
            " -security_groups.in_use -security_groups.limit -security_groups.reserved"
            " -security_group_rules.in_use -security_group_rules.limit"
            " -security_group_rules.reserved",
        ),
        nothing="of os-fixed-ips, os-fping and their like, which are gone at every version",
    ),
    Change(
        37,
        "A new server must say its networks: a list, auto or none. By mistake they have no tags.",
        ("NETWORKS_REQUIRED",),
        bodies=("POST /servers -networks.tag",),
    ),
    Change(
        38,
        "A list of servers by a status that does not exist is refused; before it was empty.",
        ("BAD_STATUS_REFUSED",),
    ),
    Change(
        39,
        "Properties of images are gone, and their limit; it no longer holds for snapshots.",
        ("IMAGE_LIMITS_GONE",),
        routes=(
            f"-GET {_IMAGE}/metadata",
            f"-POST {_IMAGE}/metadata",
            f"-PUT {_IMAGE}/metadata",
            f"-GET {_IMAGE}/metadata/{{key}}",
            f"-PUT {_IMAGE}/metadata/{{key}}",
            f"-DELETE {_IMAGE}/metadata/{{key}}",
        ),
        answers=("limits -maxImageMeta",),
    ),
    Change(
        40,
        "What was used is told in pages.",
        ("USAGE_PAGING",),
        queries=(
            "GET /os-simple-tenant-usage +limit +marker",
            "GET /os-simple-tenant-usage/{project_id} +limit +marker",
        ),
    ),
    Change(
        41,
        "Aggregates have a uuid.",
        ("AGGREGATE_UUID",),
        answers=("aggregate aggregate-created +uuid",),
    ),
    Change(
        42,
        "Interfaces and disks of a new server may have tags again.",
        ("DEVICE_TAGS_BACK",),
        bodies=("POST /servers +networks.tag +block_device_mapping_v2.tag",),
    ),
    Change(
        43,
        "os-hosts is gone.",
        routes=(
            "-GET /os-hosts",
            "-GET /os-hosts/{host_name}",
            "-PUT /os-hosts/{host_name}",
            "-GET /os-hosts/{host_name}/reboot",
            "-GET /os-hosts/{host_name}/shutdown",
            "-GET /os-hosts/{host_name}/startup",
        ),
    ),
    Change(
        44,
        "Addresses are no longer given to servers by actions.",
        routes=(
            "-action addFixedIp",
            "-action removeFixedIp",
            "-action addFloatingIp",
            "-action removeFloatingIp",
        ),
        nothing="of os-virtual-interfaces, which is gone at every version",
    ),
    Change(
        45,
        "The image that a server is saved to is named in the body, no longer in Location.",
        ("IMAGE_ID_IN_BODY",),
        answers=("saved +image_id",),
    ),
    Change(
        46,
        "Answers bear their id in X-OpenStack-Request-ID as well.",
        nothing="as in Nova they do at every version",
    ),
    Change(
        47,
        "A server shows the flavor that it was made from, no longer a link to one.",
        ("EMBEDDED_FLAVOR",),
        answers=(
            f"{_SERVER} -flavor.id -flavor.links.rel -flavor.links.href +flavor.original_name"
            " +flavor.vcpus +flavor.ram +flavor.disk +flavor.ephemeral +flavor.swap"
            " +flavor.extra_specs",
        ),
    ),
    Change(
        48,
        "The numbers of a guest have one form for all hypervisors.",
        ("DIAGNOSTICS_SCHEMA",),
        answers=(
            "diagnostics -memory +state +driver +hypervisor +hypervisor_os +uptime +config_drive"
            " +num_cpus +num_nics +num_disks +cpu_details.id +cpu_details.time"
            " +cpu_details.utilisation +memory_details.maximum +memory_details.used"
            " +nic_details.mac_address +nic_details.rx_octets +nic_details.rx_errors"
            " +nic_details.rx_drop +nic_details.rx_packets +nic_details.rx_rate"
            " +nic_details.tx_octets +nic_details.tx_errors +nic_details.tx_drop"
            " +nic_details.tx_packets +nic_details.tx_rate +disk_details.read_bytes"
            " +disk_details.read_requests +disk_details.write_bytes +disk_details.write_requests"
            " +disk_details.errors_count",
        ),
    ),
    Change(
        49,
        "Interfaces and volumes that are attached may have tags.",
        nothing="nothing is attached: there are no volumes, and interfaces come with the server",
    ),
    Change(
        50,
        "A class of quotas has server groups, and networks no more.",
        ("CLASS_GROUPS",),
        bodies=(
            "PUT /os-quota-class-sets/{name} -fixed_ips -floating_ips -security_groups"
            " -security_group_rules",
        ),
        answers=(
            "quota-class-set quota-class-set-changed +server_groups +server_group_members"
            " -fixed_ips -floating_ips -security_groups -security_group_rules",
        ),
    ),
    Change(
        51,
        "Everybody sees the events of an action. Volumes tell when they are extended.",
        ("EVENTS_FOR_ALL",),
        answers=(
            "member:action +events.event +events.start_time +events.finish_time +events.result",
        ),
    ),
    Change(
        52,
        "A server may be made with tags.",
        ("TAGS_AT_BOOT",),
        bodies=("POST /servers +tags",),
    ),
    Change(
        53,
        "Services and hypervisors are named by uuids. One PUT says all of a service, and what"
        " was asked at addresses of their own is asked by parameters.",
        ("UUIDS_OF_HOSTS",),
        routes=(
            "-GET /os-hypervisors/{ref}/search",
            "-GET /os-hypervisors/{ref}/servers",
        ),
        bodies=("PUT /os-services/{service_id} -host -binary +status",),
        queries=(
            "GET /os-hypervisors +hypervisor_hostname_pattern +with_servers +strict",
            "GET /os-hypervisors/detail +hypervisor_hostname_pattern +with_servers +strict",
            "GET /os-hypervisors/{ref} +with_servers +strict",
        ),
        answers=(
            "service -id(number) +id(text)",
            "hypervisor hypervisor-brief -id(number) +id(text)",
            "hypervisor -service.id(number) +service.id(text)",
            "service-changed +id(text) +zone +state +updated_at +disabled_reason +forced_down",
        ),
    ),
)
