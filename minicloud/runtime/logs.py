"""The log of a program that is one process; oslo.log would take longer to import than a boot."""

import logging
import sys
from pathlib import Path

_FORMAT = "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [%(request)s] %(message)s"


class _Who(logging.Filter):
    """Adds the request id and user of the thread's context, where there is one."""

    def filter(self, record: logging.LogRecord) -> bool:
        module = sys.modules.get("oslo_context.context")
        context = module.get_current() if module else None
        record.request = (
            f"{context.request_id} {context.user_id or '-'} {context.project_id or '-'}"
            if context
            else "-"
        )
        return True


def log_to(path: Path, level: int = logging.INFO) -> None:
    """Let every logger of this process write here, in the order of oslo.log's fields."""
    handler = logging.FileHandler(path)
    handler.addFilter(_Who())
    handler.setFormatter(logging.Formatter(_FORMAT, "%Y-%m-%d %H:%M:%S"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(level)
