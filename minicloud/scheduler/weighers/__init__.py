"""One weigher a file; each gives a number for every host.

A weigher of your own that is asked about one host at a time, as in Nova, may inherit
BaseHostWeigher.
"""

from minicloud.scheduler.per_host.bases import BaseHostWeigher

__all__ = ["BaseHostWeigher"]
