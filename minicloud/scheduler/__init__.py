"""Chooses hosts: hosts, select, filters and weighers are functions; service.py does the I/O."""
