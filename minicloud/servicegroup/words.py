"""Errors of the stores' libraries, in words."""

import re

from minicloud.runtime.masking import masked


def why(error: BaseException) -> str:
    """One line; also where a library has put no text into its error, as kazoo's ConnectionLoss."""
    if str(error).strip():
        return masked(str(error).strip().splitlines()[0])
    return re.sub(r"\B(?=[A-Z][a-z])", " ", type(error).__name__.removesuffix("Error")).lower()
