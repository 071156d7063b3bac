"""Filters and weighers in Nova's shape: classes that are asked about one host at a time.

`bases` is what such a class may inherit, `host_state` and `spec` are what it is given, and
`adapters` makes it one of ours.
"""
