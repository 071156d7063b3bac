"""The fields of bodies and the parameters of queries, at the first version that has them."""

from typing import Final

# route or key of an action -> (first version, names)
BODIES: Final[dict[str, tuple[int, str]]] = {
    "POST /flavors": (
        1,
        "OS-FLV-EXT-DATA:ephemeral disk id name os-flavor-access:is_public ram rxtx_factor"
        " swap vcpus",
    ),
    "POST /flavors/{}/os-extra_specs": (1, ""),
    "POST /images/{}/metadata": (1, ""),
    "POST /os-aggregates": (1, "availability_zone name"),
    "POST /os-aggregates/{}/images": (81, "id"),
    "POST /os-keypairs": (1, "name public_key"),
    "POST /os-server-external-events": (1, "name server_uuid status tag"),
    "POST /os-server-groups": (1, "name policies"),
    "POST /servers": (
        1,
        "OS-DCF:diskConfig OS-SCH-HNT:scheduler_hints accessIPv4 accessIPv6 adminPass"
        " availability_zone block_device_mapping block_device_mapping.connection_info"
        " block_device_mapping.delete_on_termination block_device_mapping.device_name"
        " block_device_mapping.no_device block_device_mapping.snapshot_id"
        " block_device_mapping.virtual_name block_device_mapping.volume_id"
        " block_device_mapping.volume_size block_device_mapping_v2"
        " block_device_mapping_v2.boot_index block_device_mapping_v2.connection_info"
        " block_device_mapping_v2.delete_on_termination"
        " block_device_mapping_v2.destination_type block_device_mapping_v2.device_name"
        " block_device_mapping_v2.device_type block_device_mapping_v2.disk_bus"
        " block_device_mapping_v2.guest_format block_device_mapping_v2.image_id"
        " block_device_mapping_v2.no_device block_device_mapping_v2.snapshot_id"
        " block_device_mapping_v2.source_type block_device_mapping_v2.uuid"
        " block_device_mapping_v2.virtual_name block_device_mapping_v2.volume_id"
        " block_device_mapping_v2.volume_size config_drive flavorRef imageRef key_name"
        " max_count metadata min_count name networks networks.fixed_ip networks.port"
        " networks.uuid os:scheduler_hints personality personality.contents personality.path"
        " return_reservation_id security_groups security_groups.name user_data",
    ),
    "POST /servers/{}/metadata": (1, ""),
    "POST /servers/{}/remote-consoles": (6, "protocol type"),
    "PUT /flavors/{}": (55, "description"),
    "PUT /flavors/{}/os-extra_specs/{}": (1, ""),
    "PUT /images/{}/metadata": (1, ""),
    "PUT /images/{}/metadata/{}": (1, ""),
    "PUT /os-aggregates/{}": (1, "availability_zone name"),
    "PUT /os-hosts/{}": (1, "maintenance_mode status"),
    "PUT /os-quota-class-sets/{}": (
        1,
        "cores fixed_ips floating_ips injected_file_content_bytes injected_file_path_bytes"
        " injected_files instances key_pairs metadata_items ram security_group_rules"
        " security_groups server_group_members server_groups",
    ),
    "PUT /os-quota-sets/{}": (
        1,
        "cores fixed_ips floating_ips force injected_file_content_bytes"
        " injected_file_path_bytes injected_files instances key_pairs metadata_items ram"
        " security_group_rules security_groups server_group_members server_groups",
    ),
    "PUT /os-services/{}": (1, "binary disabled_reason host"),
    "PUT /servers/{}": (1, "OS-DCF:diskConfig accessIPv4 accessIPv6 name"),
    "PUT /servers/{}/metadata": (1, ""),
    "PUT /servers/{}/metadata/{}": (1, ""),
    "PUT /servers/{}/tags": (26, ""),
    "addFixedIp": (1, "networkId"),
    "addFloatingIp": (1, "address fixed_address"),
    "addSecurityGroup": (1, "name"),
    "addTenantAccess": (1, "tenant"),
    "add_host": (1, "host"),
    "changePassword": (1, "adminPass"),
    "createBackup": (1, "backup_type metadata name rotation"),
    "createImage": (1, "metadata name"),
    "evacuate": (1, "adminPass host onSharedStorage"),
    "injectNetworkInfo": (1, ""),
    "lock": (1, ""),
    "migrate": (1, ""),
    "os-getConsoleOutput": (1, "length"),
    "os-getSPICEConsole": (1, "type"),
    "os-getSerialConsole": (1, "type"),
    "os-getVNCConsole": (1, "type"),
    "os-migrateLive": (1, "block_migration disk_over_commit host"),
    "os-resetState": (1, "state"),
    "reboot": (1, "type"),
    "rebuild": (
        1,
        "OS-DCF:diskConfig accessIPv4 accessIPv6 adminPass imageRef metadata name personality"
        " personality.contents personality.path preserve_ephemeral",
    ),
    "removeFixedIp": (1, "address"),
    "removeFloatingIp": (1, "address"),
    "removeSecurityGroup": (1, "name"),
    "removeTenantAccess": (1, "tenant"),
    "remove_host": (1, "host"),
    "rescue": (1, "adminPass rescue_image_ref"),
    "resize": (1, "OS-DCF:diskConfig flavorRef"),
    "set_metadata": (1, "metadata"),
    "trigger_crash_dump": (17, ""),
    "unshelve": (1, ""),
}

QUERIES: Final[dict[str, tuple[int, str]]] = {
    "DELETE /os-keypairs/{}": (1, ""),
    "DELETE /os-quota-sets/{}": (1, "user_id"),
    "GET /flavors": (1, "is_public limit marker minDisk minRam sort_dir sort_key"),
    "GET /flavors/detail": (1, "is_public limit marker minDisk minRam sort_dir sort_key"),
    "GET /images": (
        1,
        "changes-since limit marker minDisk minRam name server status type",
    ),
    "GET /images/detail": (
        1,
        "changes-since limit marker minDisk minRam name server status type",
    ),
    "GET /limits": (1, "reserved tenant_id"),
    "GET /os-console-auth-tokens/{}": (1, ""),
    "GET /os-hosts": (1, "zone"),
    "GET /os-hypervisors": (1, ""),
    "GET /os-hypervisors/detail": (1, ""),
    "GET /os-hypervisors/{}": (1, ""),
    "GET /os-keypairs": (1, ""),
    "GET /os-keypairs/{}": (1, ""),
    "GET /os-migrations": (
        1,
        "hidden host instance_uuid migration_type source_compute status",
    ),
    "GET /os-quota-sets/{}": (1, "user_id"),
    "GET /os-quota-sets/{}/detail": (1, "user_id"),
    "GET /os-server-groups": (1, "all_projects limit offset"),
    "GET /os-services": (1, "binary host"),
    "GET /os-simple-tenant-usage": (1, "detailed end start"),
    "GET /os-simple-tenant-usage/{}": (1, "end start"),
    "GET /servers": (
        1,
        "access_ip_v4 access_ip_v6 all_tenants auto_disk_config availability_zone"
        " block_device_mapping changes-since config_drive created_at deleted description"
        " display_description display_name flavor host hostname image image_ref info_cache ip"
        " ip6 kernel_id key_name launch_index launched_at limit locked_by marker metadata name"
        " node pci_devices power_state progress project_id ramdisk_id reservation_id"
        " root_device_name security_groups services soft_deleted sort_dir sort_key status"
        " system_metadata task_state tenant_id terminated_at user_id uuid vm_state",
    ),
    "GET /servers/detail": (
        1,
        "access_ip_v4 access_ip_v6 all_tenants auto_disk_config availability_zone"
        " block_device_mapping changes-since config_drive created_at deleted description"
        " display_description display_name flavor host hostname image image_ref info_cache ip"
        " ip6 kernel_id key_name launch_index launched_at limit locked_by marker metadata name"
        " node pci_devices power_state progress project_id ramdisk_id reservation_id"
        " root_device_name security_groups services soft_deleted sort_dir sort_key status"
        " system_metadata task_state tenant_id terminated_at user_id uuid vm_state",
    ),
    "GET /servers/{}/os-instance-actions": (1, ""),
    "GET /servers/{}/os-volume_attachments": (1, "limit offset"),
    "POST /scheduling/what-if": (1, "limit project_id strict"),
    "GET /servers/{}/scheduling/now": (1, "limit strict"),
    "GET /servers/{}/shares": (97, "strict"),
    "GET /servers/{}/shares/{}": (97, "strict"),
    "PUT /os-quota-sets/{}": (1, "user_id"),
}
