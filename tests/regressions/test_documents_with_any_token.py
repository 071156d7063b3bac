"""With any word for a token documents were counted for nobody: a peer could ask without end."""

from pathlib import Path

import pytest

from minicloud.db.engine import Database
from tests.functional.over_books import application, asked, database  # noqa: F401

_LIMITS = """
limits:
  - {name: peers, uri: "*", value: 2, unit: MINUTE, per: address}
"""


@pytest.mark.parametrize("path", ["/", "/v2.1/", "/v2.1/openapi.json", "/v1/servers"])
def test_a_document_is_counted_for_the_peer_whatever_is_sent_for_a_token(
    database: Database,  # noqa: F811
    tmp_path: Path,
    path: str,
) -> None:
    limits = tmp_path / "limits.yaml"
    limits.write_text(_LIMITS)
    app = application(database, tmp_path, limits_file=limits)

    seen = [asked(app, "GET", path, root="").status_int for _ in range(4)]
    known = asked(app, "GET", "/v2.1/flavors", root="")

    assert 429 not in seen[:2]
    assert seen[2:] == [429, 429]
    assert known.status_int == 200
