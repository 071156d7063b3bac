"""The limits of an old Nova, by what was meant with them."""

import pytest

from minicloud.api.ratelimit import nova
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.table import LimitTable

ICEHOUSE = """
(POST, "*", .*, 120, MINUTE);
(POST, "*/servers", ^/servers, 120, MINUTE);(PUT, "*", .*, 120, MINUTE);
(GET, "*changes-since*", .*changes-since.*, 120, MINUTE); (DELETE, "*", .*, 120, MINUTE);
(GET, "*/os-fping", ^/os-fping, 12, MINUTE);
"""


def names(verb: str, path: str, *queries: str) -> list[str]:
    table = LimitTable(tuple(nova.read(ICEHOUSE)))
    return [limit.name for limit, _ in table.matching(verb, path, queries, None)]


def test_the_defaults_of_icehouse_fit_what_they_were_meant_for() -> None:
    assert names("POST", "/os-keypairs") == ["nova-post"]
    assert names("POST", "/servers") == ["nova-post", "nova-post-servers"]
    assert names("POST", "/servers/1/action") == ["nova-post", "nova-post-servers"]
    assert names("PUT", "/servers/1") == ["nova-put"]
    assert names("GET", "/servers") == []
    assert names("GET", "/servers/detail", "changes-since") == ["nova-get-changes-since"]
    assert names("GET", "/os-fping/1") == ["nova-get-os-fping"]
    assert names("DELETE", "/servers/1") == ["nova-delete"]


def test_values_and_units_are_kept() -> None:
    (limit,) = nova.read('(post, "*/servers", "^/servers$", 50, DAY)')

    assert limit == Limit("nova-post-servers", frozenset({"POST"}), "/servers", 50, 86400)


def test_limits_that_look_alike_get_names_of_their_own() -> None:
    limits = nova.read('(POST, "*", .*, 10, MINUTE);(POST, "*", .*, 50, DAY)')

    assert [limit.name for limit in limits] == ["nova-post", "nova-post-2"]


@pytest.mark.parametrize(
    ("expression", "fits", "fits_not"),
    [
        ("^/servers", "/servers-of-mine", "/images"),
        ("^/servers$", "/servers", "/servers/1"),
        ("^/(servers|images)/[0-9a-f]{2,36}$", "/images/ab", "/images/a"),
        ("/servers/[^/]+/action", "/servers/1/action", "/servers/1"),
    ],
)
def test_an_expression_fits_as_it_did_on_the_path(
    expression: str, fits: str, fits_not: str
) -> None:
    table = LimitTable(tuple(nova.read(f'(GET, "x", {expression}, 1, MINUTE)')))

    assert table.matching("GET", fits, (), None)
    assert not table.matching("GET", fits_not, (), None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is wanted"),
        ("POST * 10", "is wanted"),
        ('(POST, "*", .*, 10)', "five parts"),
        ('(POST, "*", .*, ten, MINUTE)', "value: 'ten'"),
        ('(POST, "*", .*, 0, MINUTE)', "value must be a whole number"),
        ('(POST, "*", .*, 10, MINUTES)', "did you mean MINUTE?"),
        ('(PSOT, "*", .*, 10, MINUTE)', "did you mean POST?"),
        ('(POST, "*", ^/(, 10, MINUTE)', "no regular expression"),
        ('(POST, "*", .*/action$, 10, MINUTE)', "limits set"),
    ],
)
def test_an_error_names_the_limit_and_what_to_do(text: str, reason: str) -> None:
    good = '(POST, "*", .*, 10, MINUTE);'

    with pytest.raises(nova.BadNovaLimit) as raised:
        nova.read(good + text if text else "")

    assert reason in str(raised.value)
    assert str(raised.value).startswith(f"limit {2 if text else 1} of the text, ")
