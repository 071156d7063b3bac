"""The compute API, driven as WSGI against a zone in memory."""
