"""What keeps the service group; entry points of minicloud.servicegroup.drivers."""
