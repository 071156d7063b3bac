"""Quotas over the real books: set, shown by version, held to what is used, put back."""

from typing import Any

import pytest

from minicloud.db import flavors
from minicloud.db.engine import Database
from minicloud.db.models import ServerGroup
from tests.functional.over_books import Call, call, database
from tests.functional.things import IMAGE, add_image

__all__ = ["call", "database"]  # fixtures

_P1 = "/os-quota-sets/p1"
_ALWAYS = {
    "cores": 20,
    "instances": 10,
    "key_pairs": 100,
    "metadata_items": 128,
    "ram": 51200,
    "server_group_members": 10,
    "server_groups": 10,
}
_INJECTED = {
    "injected_file_content_bytes": 10240,
    "injected_file_path_bytes": 255,
    "injected_files": 5,
}
_NETWORK = dict.fromkeys(
    ("fixed_ips", "floating_ips", "security_group_rules", "security_groups"), -1
)


@pytest.fixture(autouse=True)
def _something_to_boot(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, database.now()))
    add_image(database)


def _set(call: Call, user: str = "", **limits: Any) -> int:
    query = f"?user_id={user}" if user else ""
    return call("PUT", _P1 + query, {"quota_set": limits})[0]


def _boot(call: Call, user: str = "alice", **more: Any) -> tuple[int, Any]:
    server = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, **more}
    return call("POST", "/servers", {"server": server}, user=user)


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        (1, _ALWAYS | _INJECTED | _NETWORK),
        (35, _ALWAYS | _INJECTED | _NETWORK),
        (36, _ALWAYS | _INJECTED),
        (57, _ALWAYS),
        (104, _ALWAYS),
    ],
)
def test_a_project_without_limits_of_its_own_has_the_defaults_of_the_version(
    call: Call, version: int, shown: dict[str, int]
) -> None:
    for path in (_P1, f"{_P1}/defaults"):
        status, found = call("GET", path, user="alice", version=version)

        assert status == 200
        assert found == {"quota_set": {"id": "p1", **shown}}


def test_a_limit_that_was_set_is_answered_shown_and_put_back(call: Call) -> None:
    status, found = call("PUT", _P1, {"quota_set": {"cores": "40", "ram": -1}}, version=57)

    assert (status, found) == (200, {"quota_set": _ALWAYS | {"cores": 40, "ram": -1}})
    assert call("GET", _P1)[1]["quota_set"]["cores"] == 40
    assert call("GET", f"{_P1}/defaults")[1]["quota_set"]["cores"] == 20
    assert call("GET", "/os-quota-sets/p2")[1]["quota_set"]["cores"] == 20
    assert call("DELETE", _P1) == (202, None)
    assert call("GET", _P1)[1]["quota_set"]["cores"] == 20


def test_a_limit_of_the_network_is_kept_as_long_as_its_versions_know_it(call: Call) -> None:
    call("PUT", _P1, {"quota_set": {"floating_ips": 7}}, version=35)

    assert call("GET", _P1, version=35)[1]["quota_set"]["floating_ips"] == 7
    assert call("GET", "/limits", version=35)[1]["limits"]["absolute"]["maxTotalFloatingIps"] == 7


def test_a_user_has_limits_of_their_own_within_the_projects(call: Call) -> None:
    assert _set(call, "bob", cores=4) == 200

    assert call("GET", f"{_P1}?user_id=bob")[1]["quota_set"]["cores"] == 4
    assert call("GET", f"{_P1}?user_id=bob")[1]["quota_set"]["instances"] == 10
    assert call("GET", f"{_P1}?user_id=alice")[1]["quota_set"]["cores"] == 20
    assert call("GET", _P1)[1]["quota_set"]["cores"] == 20


def test_putting_back_a_user_leaves_the_project_and_putting_back_the_project_leaves_nobody(
    call: Call,
) -> None:
    _set(call, cores=30)
    _set(call, "bob", cores=4)
    _set(call, "alice", cores=5)

    call("DELETE", f"{_P1}?user_id=bob")
    bob = call("GET", f"{_P1}?user_id=bob")[1]["quota_set"]["cores"]
    call("DELETE", _P1)

    assert bob == 30
    assert call("GET", f"{_P1}?user_id=alice")[1]["quota_set"]["cores"] == 20


@pytest.mark.parametrize(
    ("user", "limits", "reason"),
    [
        ("", {"instances": 1}, "must be greater than or equal to already used and reserved 2."),
        ("", {"cores": 3}, "must be greater than or equal to already used and reserved 4."),
        ("alice", {"ram": 1023}, "must be greater than or equal to already used and reserved 10"),
        ("carol", {"cores": 21}, "Quota limit 21 for cores must be less than or equal to 20."),
        ("carol", {"cores": -1}, "Quota limit -1 for cores must be less than or equal to 20."),
    ],
)
def test_a_limit_is_held_to_what_is_used_and_given(
    call: Call, user: str, limits: dict[str, int], reason: str
) -> None:
    _set(call, "bob", cores=4)
    _boot(call)
    _boot(call)
    query = f"?user_id={user}" if user else ""

    status, fault = call("PUT", _P1 + query, {"quota_set": limits})

    assert status == 400
    assert reason in fault["badRequest"]["message"]
    assert call("PUT", _P1 + query, {"quota_set": {**limits, "force": True}})[0] == 200


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (1, {"quota_set": {"cores": -2}}),
        (1, {"quota_set": {"cores": "-2"}}),
        (1, {"quota_set": {"cores": 2147483648}}),
        (1, {"quota_set": {"cores": "2147483648"}}),
        (1, {"quota_set": {"cores": "many"}}),
        (1, {"quota_set": {"cores": None}}),
        (1, {"quota_set": {"unicorns": 1}}),
        (1, {"quota_set": {"force": "perhaps"}}),
        (1, {"quota_set": {}, "more": 1}),
        (1, {}),
        (36, {"quota_set": {"floating_ips": 1}}),
        (57, {"quota_set": {"injected_files": 1}}),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused(call: Call, version: int, body: Any) -> None:
    assert call("PUT", _P1, body, version=version)[0] == 400


def test_an_unknown_parameter_is_refused_from_2_75(call: Call) -> None:
    for verb, path, body in (
        ("GET", _P1, None),
        ("GET", f"{_P1}/detail", None),
        ("PUT", _P1, {"quota_set": {}}),
        ("DELETE", _P1, None),
    ):
        assert call(verb, f"{path}?colour=red", body, version=74)[0] < 300
        assert call(verb, f"{path}?colour=red", body, version=75)[0] == 400


def test_an_id_that_no_project_can_have_is_a_bad_request(call: Call) -> None:
    long = "p" * 65

    assert call("PUT", f"/os-quota-sets/{long}", {"quota_set": {"cores": 1}})[0] == 400
    assert call("PUT", f"{_P1}?user_id={long}", {"quota_set": {"cores": 1}})[0] == 400
    assert call("DELETE", f"/os-quota-sets/{long}")[0] == 400
    assert call("GET", f"/os-quota-sets/{long}")[0] == 200


def test_the_detail_tells_what_is_used(call: Call, database: Database) -> None:
    _boot(call)
    _boot(call, "bob")
    group = ServerGroup(
        uuid=IMAGE,
        project_id="p1",
        user_id="bob",
        name="g",
        policy="affinity",
        rules={},
        created_at=database.now(),
    )
    database.write(lambda db: db.add(group))

    project = call("GET", f"{_P1}/detail", user="alice")[1]["quota_set"]
    alice = call("GET", f"{_P1}/detail?user_id=alice", user="alice")[1]["quota_set"]

    assert project["id"] == "p1"
    assert project["instances"] == {"limit": 10, "in_use": 2, "reserved": 0}
    assert project["ram"] == {"limit": 51200, "in_use": 1024, "reserved": 0}
    assert project["server_groups"]["in_use"] == 1
    assert project["key_pairs"]["in_use"] == 0
    assert (alice["instances"]["in_use"], alice["server_groups"]["in_use"]) == (1, 0)
    absolute = call("GET", "/limits", user="alice")[1]["limits"]["absolute"]
    assert (absolute["totalServerGroupsUsed"], absolute["totalInstancesUsed"]) == (1, 2)


def test_a_new_limit_holds_for_the_next_server(call: Call) -> None:
    _set(call, instances=1)

    first, second = _boot(call), _boot(call)
    _set(call, instances=2)
    third = _boot(call)

    assert (first[0], second[0], third[0]) == (202, 403, 202)
    assert second[1]["forbidden"]["message"] == (
        "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances"
    )


@pytest.mark.parametrize(
    ("limits", "wanted", "said"),
    [
        (
            {"instances": 0},
            {},
            "Quota exceeded for instances: Requested 1, but already used 0 of 0 instances",
        ),
        (
            {"instances": 2, "cores": 3, "ram": 1023},
            {"min_count": 2, "flavorRef": "3"},
            "Quota exceeded for cores, ram: Requested 4, 8192, but already used 0, 0 of 3, 1023 "
            "cores, ram",
        ),
        (
            {"instances": 1, "cores": 1, "ram": 512},
            {"min_count": 2, "max_count": 5},
            "Quota exceeded for cores, instances, ram: Requested 5, 2-5, 2560, "
            "but already used 0, 0, 0 of 1, 1, 512 cores, instances, ram",
        ),
        (
            {"instances": -1, "cores": -1, "ram": 1024},
            {"min_count": 3},
            "Quota exceeded for ram: Requested 1536, but already used 0 of 1024 ram",
        ),
    ],
)
def test_a_refusal_tells_all_that_is_too_much_in_novas_words_and_order(
    call: Call, limits: dict[str, int], wanted: dict[str, Any], said: str
) -> None:
    _set(call, "", **limits)

    status, fault = _boot(call, **wanted)

    assert (status, fault["forbidden"]["message"]) == (403, said)
    assert call("GET", f"{_P1}/detail")[1]["quota_set"]["instances"]["in_use"] == 0


def test_of_several_as_many_are_made_as_fit_under_every_limit(call: Call) -> None:
    _set(call, instances=9, cores=-1, ram=7 * 512 + 511)
    _set(call, "bob", instances=3)

    made = []
    for user, least, most in (("bob", 1, 9), ("bob", 1, 9), ("alice", 3, 9), ("alice", 1, 1)):
        status, _ = _boot(call, user, min_count=least, max_count=most)
        used = call("GET", f"{_P1}/detail")[1]["quota_set"]["instances"]["in_use"]
        made.append((status, used))

    assert made == [(202, 3), (403, 3), (202, 7), (403, 7)]


def test_there_is_no_end_where_there_is_no_limit(call: Call) -> None:
    _set(call, instances=-1, cores=-1, ram=-1)

    status, _ = _boot(call, min_count=60)

    assert status == 202
    absolute = call("GET", "/limits", user="alice")[1]["limits"]["absolute"]
    assert (absolute["maxTotalInstances"], absolute["totalInstancesUsed"]) == (-1, 60)


@pytest.mark.parametrize(
    ("version", "there", "not_there"),
    [
        (1, {"maxImageMeta": 128, "maxPersonality": 5, "maxPersonalitySize": 10240}, set()),
        (35, {"maxTotalFloatingIps": -1, "totalSecurityGroupsUsed": 0}, set()),
        (36, {"maxImageMeta": 128}, {"maxTotalFloatingIps", "maxSecurityGroupRules"}),
        (39, {"maxPersonality": 5}, {"maxImageMeta"}),
        (57, {"maxTotalKeypairs": 100}, {"maxPersonality", "maxPersonalitySize"}),
        (104, {"maxServerGroups": 10, "maxServerGroupMembers": 10, "maxServerMeta": 128}, set()),
    ],
)
def test_the_limits_have_the_fields_of_their_version(
    call: Call, version: int, there: dict[str, int], not_there: set[str]
) -> None:
    status, found = call("GET", "/limits?reserved=1", user="alice", version=version)

    assert status == 200
    absolute = found["limits"]["absolute"]
    assert absolute.items() >= there.items()
    assert not not_there & absolute.keys()


def test_a_users_limit_holds_for_this_user_alone(call: Call) -> None:
    _set(call, "bob", cores=1)

    statuses = [_boot(call, "bob")[0], _boot(call, "bob")[0], _boot(call, "alice")[0]]

    assert statuses == [202, 403, 202]


def test_a_project_may_have_fewer_metadata_items(call: Call) -> None:
    _set(call, metadata_items=1)

    status, fault = _boot(call, metadata={"a": "1", "b": "2"})

    assert status == 403
    assert fault["forbidden"]["message"] == "Maximum number of metadata items exceeds 1"


def test_the_limits_are_the_projects(call: Call) -> None:
    _set(call, instances=33)
    _set(call, "alice", instances=3)

    found = call("GET", "/limits", user="alice", version=57)[1]["limits"]

    assert found["rate"] == []
    assert found["absolute"]["maxTotalInstances"] == 33
    assert call("GET", "/limits?tenant_id=p2")[1]["limits"]["absolute"]["maxTotalInstances"] == 10


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        (1, {k: v for k, v in _ALWAYS.items() if "group" not in k} | _INJECTED | _NETWORK),
        (50, _ALWAYS | _INJECTED),
        (57, _ALWAYS),
    ],
)
def test_a_class_shows_the_limits_of_its_version(
    call: Call, version: int, shown: dict[str, int]
) -> None:
    for name in ("default", "gold"):
        status, found = call("GET", f"/os-quota-class-sets/{name}", version=version)

        assert status == 200
        assert found == {"quota_class_set": {"id": name, **shown}}


def test_the_default_class_goes_before_the_options_and_no_other_class_does(call: Call) -> None:
    _set(call, cores=21)

    for name, limit in (("default", 5), ("gold", 6)):
        body = {"quota_class_set": {"cores": limit, "instances": limit}}
        status, found = call("PUT", f"/os-quota-class-sets/{name}", body, version=57)
        assert (status, found["quota_class_set"]["cores"]) == (200, limit)
        assert "id" not in found["quota_class_set"]

    assert call("GET", "/os-quota-sets/p9")[1]["quota_set"]["cores"] == 5
    assert call("GET", "/os-quota-sets/p9/defaults")[1]["quota_set"]["cores"] == 5
    own = call("GET", _P1)[1]["quota_set"]
    assert (own["cores"], own["instances"]) == (21, 5)
    assert call("GET", "/os-quota-class-sets/gold")[1]["quota_class_set"]["cores"] == 6


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (1, {"quota_class_set": {"cores": -2}}),
        (1, {"quota_class_set": {"force": True}}),
        (50, {"quota_class_set": {"floating_ips": 1}}),
        (57, {"quota_class_set": {"injected_files": 1}}),
        (57, {"quota_set": {"cores": 1}}),
    ],
)
def test_a_class_that_makes_no_sense_is_refused(call: Call, version: int, body: Any) -> None:
    assert call("PUT", "/os-quota-class-sets/default", body, version=version)[0] == 400


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("PUT", _P1, {"quota_set": {"cores": 1}}),
        ("DELETE", _P1, None),
        ("GET", "/os-quota-sets/p2", None),
        ("GET", "/os-quota-sets/p2/detail", None),
        ("GET", "/os-quota-class-sets/default", None),
        ("PUT", "/os-quota-class-sets/default", {"quota_class_set": {"cores": 1}}),
        ("GET", "/limits?tenant_id=p2", None),
    ],
)
def test_quotas_of_others_and_all_changes_are_for_administrators(
    call: Call, verb: str, path: str, body: Any
) -> None:
    assert call(verb, path, body, user="alice")[0] == 403
