"""`minicloud up` in this process, with every message between its services written to a file.

    python -m tests.functional.secrets.planted TAP PLANT up --state-dir D --port P ...

PLANT: `everything`, all of the bugs below at once, or `nothing`.
"""

import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from minicloud.rpc import direct

LOG = logging.getLogger("minicloud.planted")


def tap(path: Path) -> None:
    """Both ways: what is asked, and what is answered."""

    def through_json(value: Any) -> Any:
        text = orjson.dumps(value)
        with path.open("ab") as file:
            file.write(text + b"\n")
        return orjson.loads(text)

    direct._through_json = through_json


def a_log_without_its_mask() -> None:
    from minicloud.runtime import log

    log.masked = lambda text: text  # type: ignore[attr-defined]


def a_body_that_is_logged() -> None:
    from minicloud.api.request import ApiRequest

    def text(self: ApiRequest) -> bytes:
        found = read(self)
        LOG.debug("asked: %s", found)
        return found

    read = ApiRequest._text
    ApiRequest._text = text  # type: ignore[method-assign]


def a_token_that_is_logged() -> None:
    from minicloud.db import tokens

    def hashed(token_text: str) -> str:
        LOG.debug("looking up %s", token_text)
        return true(token_text)

    true = tokens.hashed
    tokens.hashed = hashed


def a_password_that_travels() -> None:
    from minicloud.api.handlers.acting import Acting

    def password(self: Acting, wanted: Any) -> Any:
        chosen, _hashed = true(self, wanted)
        return chosen, {"password_hash": chosen}

    true = Acting.password
    Acting.password = password  # type: ignore[method-assign]


def a_hash_that_stays() -> None:
    from minicloud.db import actions

    actions.SECRET = "nothing"


def a_fault_that_repeats() -> None:
    from minicloud.api.schemas import body
    from minicloud.errors import BadRequest

    body._explained = lambda error: BadRequest(f"{error.instance} {error.message}"[:1500])


def a_user_data_for_all() -> None:
    from minicloud.api.views.servers import Shape

    true = Shape.of
    Shape.of = lambda *words: replace(true(*words), extended=True)  # type: ignore[method-assign]


PLANTS = (
    a_log_without_its_mask,
    a_body_that_is_logged,
    a_token_that_is_logged,
    a_password_that_travels,
    a_hash_that_stays,
    a_fault_that_repeats,
    a_user_data_for_all,
)


def main() -> int:
    path, plant, *words = sys.argv[1:]
    tap(Path(path))
    for planted in PLANTS if plant == "everything" else ():
        planted()
    sys.argv = ["minicloud", *words]
    from minicloud.cmd.minicloud import main as up

    return up()


if __name__ == "__main__":
    sys.exit(main())
