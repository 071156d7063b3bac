"""Hypervisors; entry points of minicloud.compute.drivers."""
