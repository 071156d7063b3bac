"""Answers of the scheduler to questions without consequence."""

from typing import Any

from minicloud.db import models
from minicloud.zones.scheduling import Prospect


def prospect(found: Prospect) -> dict[str, Any]:
    told = found.told
    return {
        "count": found.count,
        "hosts": told["hosts"],
        "equally_good": told["best"],
        "more_equally_good": told["more_best"],
        "refused": told["refused"],
        "explanation": told["explanation"],
        "fits": {**_fits(told["fits"]), "by_quota": found.quota},
    }


def _fits(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "by_room": told["count"],
        "exact": told["exact"],
        "at_most": told["most"],
        "hosts": [{"host": host, "count": count} for host, count in told["hosts"]],
        "more_hosts": told["more_hosts"],
    }


def placed(server: models.Instance) -> dict[str, Any]:
    """Whose own room was not counted."""
    return {"id": server.uuid, "name": server.display_name, "host": server.host}
