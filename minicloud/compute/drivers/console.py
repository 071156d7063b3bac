"""A plausible boot log for simulated guests."""

from minicloud.compute.drivers.guests import Simulated


def boot_log(guest: Simulated, boot: int) -> list[str]:
    """The lines of the guest's boot number `boot` (from 0), always the same for one guest."""
    mac = ":".join(guest.uuid.replace("-", "")[i : i + 2] for i in (0, 2, 4))
    return [
        f"[    0.000000] Linux version 6.1.0 (simulated) boot {boot + 1} of {guest.uuid}",
        "[    0.000000] Command line: console=tty1 console=ttyS0",
        f"[    0.000000] Memory: {guest.memory_mb * 1024}K available",
        f"[    0.004000] smp: Brought up 1 node, {guest.vcpus} CPU" + "s" * (guest.vcpus > 1),
        "[    0.412000] virtio_blk virtio1: [vda] attached",
        f"[    0.536000] virtio_net virtio0 eth0: fa:16:3e:{mac}",
        "[    0.911000] EXT4-fs (vda1): mounted filesystem with ordered data mode",
        "[    1.204000] cloud-init: finished, datasource ConfigDrive",
        "",
        f"{guest.name} login:",
    ]
