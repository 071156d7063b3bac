"""The fields of everything that the API shows, at the first version that has it."""

from typing import Final

# thing -> (first version, fields)
FIRST: Final[dict[str, tuple[int, str]]] = {
    "server": (
        1,
        "OS-DCF:diskConfig OS-EXT-AZ:availability_zone OS-EXT-SRV-ATTR:host"
        " OS-EXT-SRV-ATTR:hypervisor_hostname OS-EXT-SRV-ATTR:instance_name"
        " OS-EXT-STS:power_state OS-EXT-STS:task_state OS-EXT-STS:vm_state"
        " OS-SRV-USG:launched_at OS-SRV-USG:terminated_at accessIPv4 accessIPv6"
        " addresses.private.OS-EXT-IPS-MAC:mac_addr addresses.private.OS-EXT-IPS:type"
        " addresses.private.addr addresses.private.version config_drive created flavor.id"
        " flavor.links.href flavor.links.rel hostId id image.id image.links.href"
        " image.links.rel key_name links.href links.rel metadata name"
        " os-extended-volumes:volumes_attached progress security_groups.name status"
        " tenant_id updated user_id",
    ),
    "server-listed": (
        1,
        "OS-DCF:diskConfig OS-EXT-AZ:availability_zone OS-EXT-SRV-ATTR:host"
        " OS-EXT-SRV-ATTR:hypervisor_hostname OS-EXT-SRV-ATTR:instance_name"
        " OS-EXT-STS:power_state OS-EXT-STS:task_state OS-EXT-STS:vm_state"
        " OS-SRV-USG:launched_at OS-SRV-USG:terminated_at accessIPv4 accessIPv6"
        " addresses.private.OS-EXT-IPS-MAC:mac_addr addresses.private.OS-EXT-IPS:type"
        " addresses.private.addr addresses.private.version config_drive created flavor.id"
        " flavor.links.href flavor.links.rel hostId id image.id image.links.href"
        " image.links.rel key_name links.href links.rel metadata name"
        " os-extended-volumes:volumes_attached progress security_groups.name status"
        " tenant_id updated user_id",
    ),
    "server-brief": (
        1,
        "id links.href links.rel name",
    ),
    "server-changed": (
        1,
        "OS-DCF:diskConfig accessIPv4 accessIPv6 addresses.private.addr"
        " addresses.private.version created flavor.id flavor.links.href flavor.links.rel"
        " hostId id image.id image.links.href image.links.rel links.href links.rel"
        " metadata name progress status tenant_id updated user_id",
    ),
    "server-rebuilt": (
        1,
        "OS-DCF:diskConfig accessIPv4 accessIPv6 addresses.private.addr"
        " addresses.private.version adminPass created flavor.id flavor.links.href"
        " flavor.links.rel hostId id image.id image.links.href image.links.rel links.href"
        " links.rel metadata name progress status tenant_id updated user_id",
    ),
    "server-created": (
        1,
        "OS-DCF:diskConfig adminPass id links.href links.rel security_groups.name",
    ),
    "fault": (
        1,
        "code created details message minicloud:code minicloud:reasons.hosts"
        " minicloud:reasons.reason",
    ),
    "addresses": (
        1,
        "private.addr private.version",
    ),
    "interface": (
        1,
        "fixed_ips.ip_address fixed_ips.subnet_id mac_addr net_id port_id port_state",
    ),
    "diagnostics": (
        1,
        "memory",
    ),
    "topology": (
        78,
        "nodes pagesize_kb",
    ),
    "rescued": (
        1,
        "adminPass",
    ),
    "saved": (
        1,
        "",
    ),
    "evacuated": (
        1,
        "adminPass",
    ),
    "console": (
        1,
        "type url",
    ),
    "remote-console": (
        6,
        "protocol type url",
    ),
    "console-token": (
        31,
        "host instance_uuid internal_access_path port",
    ),
    "action-listed": (
        1,
        "action instance_uuid message project_id request_id start_time user_id",
    ),
    "action": (
        1,
        "action events.event events.finish_time events.result events.start_time"
        " events.traceback instance_uuid message project_id request_id start_time user_id",
    ),
    "migration": (
        1,
        "created_at dest_compute dest_host dest_node id instance_uuid"
        " new_instance_type_id old_instance_type_id source_compute source_node status"
        " updated_at",
    ),
    "server-migration": (
        23,
        "created_at dest_compute dest_host dest_node disk_processed_bytes"
        " disk_remaining_bytes disk_total_bytes id memory_processed_bytes"
        " memory_remaining_bytes memory_total_bytes server_uuid source_compute source_node"
        " status updated_at",
    ),
    "flavor": (
        1,
        "OS-FLV-DISABLED:disabled OS-FLV-EXT-DATA:ephemeral disk id links.href links.rel"
        " name os-flavor-access:is_public ram rxtx_factor swap(text) vcpus",
    ),
    "flavor-brief": (
        1,
        "id links.href links.rel name",
    ),
    "keypair": (
        1,
        "created_at deleted deleted_at fingerprint id name public_key updated_at user_id",
    ),
    "keypair-listed": (
        1,
        "fingerprint name public_key",
    ),
    "keypair-created": (
        1,
        "fingerprint name public_key user_id",
    ),
    "service": (
        1,
        "binary disabled_reason host id(number) state status updated_at zone",
    ),
    "service-changed": (
        1,
        "binary host status",
    ),
    "hypervisor": (
        1,
        "cpu_info(text) current_workload disk_available_least free_disk_gb free_ram_mb"
        " host_ip hypervisor_hostname hypervisor_type hypervisor_version id(number)"
        " local_gb local_gb_used memory_mb memory_mb_used running_vms"
        " service.disabled_reason service.host service.id(number) state status vcpus"
        " vcpus_used",
    ),
    "hypervisor-brief": (
        1,
        "hypervisor_hostname id(number) state status",
    ),
    "hypervisor-empty": (
        53,
        "hypervisor_hostname id(text) state status",
    ),
    "statistics": (
        1,
        "count current_workload disk_available_least free_disk_gb free_ram_mb local_gb"
        " local_gb_used memory_mb memory_mb_used running_vms vcpus vcpus_used",
    ),
    "host": (
        1,
        "host_name service zone",
    ),
    "zone": (
        1,
        "hosts zoneName zoneState.available",
    ),
    "aggregate": (
        1,
        "availability_zone created_at deleted deleted_at hosts id metadata name updated_at",
    ),
    "aggregate-created": (
        1,
        "availability_zone created_at deleted deleted_at id name updated_at",
    ),
    "server-group": (
        1,
        "id members metadata name policies",
    ),
    "limits": (
        1,
        "maxImageMeta maxPersonality maxPersonalitySize maxSecurityGroupRules"
        " maxSecurityGroups maxServerGroupMembers maxServerGroups maxServerMeta"
        " maxTotalCores maxTotalFloatingIps maxTotalInstances maxTotalKeypairs"
        " maxTotalRAMSize totalCoresUsed totalFloatingIpsUsed totalInstancesUsed"
        " totalRAMUsed totalSecurityGroupsUsed totalServerGroupsUsed",
    ),
    "quota-set": (
        1,
        "cores fixed_ips floating_ips id injected_file_content_bytes"
        " injected_file_path_bytes injected_files instances key_pairs metadata_items ram"
        " security_group_rules security_groups server_group_members server_groups",
    ),
    "quota-set-detail": (
        1,
        "cores.in_use cores.limit cores.reserved fixed_ips.in_use fixed_ips.limit"
        " fixed_ips.reserved floating_ips.in_use floating_ips.limit floating_ips.reserved"
        " id injected_file_content_bytes.in_use injected_file_content_bytes.limit"
        " injected_file_content_bytes.reserved injected_file_path_bytes.in_use"
        " injected_file_path_bytes.limit injected_file_path_bytes.reserved"
        " injected_files.in_use injected_files.limit injected_files.reserved"
        " instances.in_use instances.limit instances.reserved key_pairs.in_use"
        " key_pairs.limit key_pairs.reserved metadata_items.in_use metadata_items.limit"
        " metadata_items.reserved ram.in_use ram.limit ram.reserved"
        " security_group_rules.in_use security_group_rules.limit"
        " security_group_rules.reserved security_groups.in_use security_groups.limit"
        " security_groups.reserved server_group_members.in_use server_group_members.limit"
        " server_group_members.reserved server_groups.in_use server_groups.limit"
        " server_groups.reserved",
    ),
    "quota-set-changed": (
        1,
        "cores fixed_ips floating_ips injected_file_content_bytes"
        " injected_file_path_bytes injected_files instances key_pairs metadata_items ram"
        " security_group_rules security_groups server_group_members server_groups",
    ),
    "quota-class-set": (
        1,
        "cores fixed_ips floating_ips id injected_file_content_bytes"
        " injected_file_path_bytes injected_files instances key_pairs metadata_items ram"
        " security_group_rules security_groups",
    ),
    "quota-class-set-changed": (
        1,
        "cores fixed_ips floating_ips injected_file_content_bytes"
        " injected_file_path_bytes injected_files instances key_pairs metadata_items ram"
        " security_group_rules security_groups",
    ),
    "usage": (
        1,
        "server_usages.ended_at server_usages.flavor server_usages.hours"
        " server_usages.instance_id server_usages.local_gb server_usages.memory_mb"
        " server_usages.name server_usages.started_at server_usages.state"
        " server_usages.tenant_id server_usages.uptime server_usages.vcpus start stop"
        " tenant_id total_hours total_local_gb_usage total_memory_mb_usage"
        " total_vcpus_usage",
    ),
    "usage-listed": (
        1,
        "start stop tenant_id total_hours total_local_gb_usage total_memory_mb_usage"
        " total_vcpus_usage",
    ),
    "image": (
        1,
        "OS-EXT-IMG-SIZE:size created id links.href links.rel links.type metadata minDisk"
        " minRam name progress status updated",
    ),
    "image-brief": (
        1,
        "id links.href links.rel links.type name",
    ),
    "host-resource": (
        1,
        "cpu disk_gb host memory_mb project",
    ),
    "zone-detail": (
        1,
        "hosts.node1.nova-compute.active hosts.node1.nova-compute.available"
        " hosts.node1.nova-compute.updated_at hosts.node3.nova-compute.active"
        " hosts.node3.nova-compute.available hosts.node3.nova-compute.updated_at zoneName"
        " zoneState.available",
    ),
    "usage-audit": (
        1,
        "hosts_not_run log num_hosts num_hosts_done num_hosts_not_run num_hosts_running"
        " overall_status period_beginning period_ending total_errors total_instances",
    ),
    "extension": (
        1,
        "alias description links name namespace updated",
    ),
    "flavor-access": (
        1,
        "flavor_id tenant_id",
    ),
    "hypervisor-servers": (
        1,
        "hypervisor_hostname id servers.name servers.uuid state status",
    ),
}
