"""One filter a file; each is an expression over the columns of all hosts.

A filter of your own that is asked about one host at a time, as in Nova, may inherit
BaseHostFilter.
"""

from minicloud.scheduler.per_host.bases import BaseHostFilter

__all__ = ["BaseHostFilter"]
