"""Runs guests on hosts: asks what is wanted, compares it with what runs, acts, reports."""
