"""Key pairs over the real books: what is taken, what is shown, whose they are."""

import base64
import hashlib
import itertools
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from minicloud.db import images
from minicloud.db.engine import Database
from minicloud.db.flavors import add_devstack
from minicloud.db.models import KeyPair
from minicloud.zones.local import keys
from tests.contract.db.rows import together
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]  # fixtures

OPENSSH = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
KINDS = {
    "ssh-rsa": rsa.generate_private_key(65537, 1024).public_key().public_bytes(*OPENSSH),
    "ecdsa-sha2-nistp256": (
        ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(*OPENSSH)
    ),
    "ssh-ed25519": ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*OPENSSH),
}
PUBLIC = KINDS["ssh-ed25519"].decode()


def _create(call: Call, name: str = "mine", **more: Any) -> tuple[int, Any]:
    version, user = more.pop("version", 2), more.pop("user", "alice")
    body = {"keypair": {"name": name, **more}}
    return call("POST", "/os-keypairs", body, user=user, version=version)


def _names(call: Call, query: str = "", user: str = "alice", version: int = 35) -> list[str]:
    _, found = call("GET", f"/os-keypairs{query}", user=user, version=version)
    return [one["keypair"]["name"] for one in found["keypairs"]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_public_key_is_imported_with_its_fingerprint(call: Call, kind: str) -> None:
    text = f"{KINDS[kind].decode()} alice@example.org\n"

    status, found = _create(call, public_key=text)

    assert status == 201
    assert text.startswith(kind)
    digest = hashlib.md5(base64.b64decode(text.split()[1])).hexdigest()
    pairs = [digest[n : n + 2] for n in range(0, 32, 2)]
    assert found["keypair"] == {
        "name": "mine",
        "public_key": text,
        "fingerprint": ":".join(pairs),
        "type": "ssh",
        "user_id": "alice",
    }


def test_a_pair_is_made_and_its_private_key_answered_once(call: Call, database: Database) -> None:
    _, found = _create(call)
    made = found["keypair"]

    _, shown = call("GET", "/os-keypairs/mine", user="alice", version=2)

    assert made["private_key"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    private = serialization.load_ssh_private_key(made["private_key"].encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.key_size >= 2048
    public = private.public_key().public_bytes(*OPENSSH).decode()
    assert made["public_key"].split()[:2] == public.split()
    assert "private_key" not in shown["keypair"]
    row = database.read(lambda db: db.query(KeyPair).one())
    kept = [str(value) for value in vars(row).values()]
    assert not any("PRIVATE" in value for value in kept)


def test_a_certificate_is_made_for_the_user_with_its_private_key(call: Call) -> None:
    status, found = _create(call, type="x509")

    made = found["keypair"]
    certificate = x509.load_pem_x509_certificate(made["public_key"].encode())
    private = serialization.load_pem_private_key(made["private_key"].encode(), None)
    assert status == 201
    assert made["type"] == "x509"
    assert certificate.subject.rfc4514_string() == "CN=alice"
    assert certificate.public_key() == private.public_key()
    sha1 = hashlib.sha1(certificate.public_bytes(serialization.Encoding.DER)).digest()
    assert made["fingerprint"] == sha1.hex(":")


def test_a_certificate_is_imported(call: Call) -> None:
    text = keys.made("x509", "bob", datetime.now(UTC).replace(tzinfo=None)).public_key

    status, found = _create(call, type="x509", public_key=text)

    assert status == 201
    assert found["keypair"]["public_key"] == text
    assert "private_key" not in found["keypair"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ssh", ""),
        ("ssh", "ssh-rsa"),
        ("ssh", "ssh-rsa AAAA"),
        ("ssh", "ssh-rsa !!!! alice"),
        ("ssh", f"ssh-rsa {PUBLIC.split()[1]}"),
        ("ssh", "schl\u00fcssel \u00e4\u00f6\u00fc"),
        ("ssh", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("x509", ""),
        ("x509", PUBLIC),
        ("x509", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ],
    ids=itertools.count(),  # some have a key made just now
)
def test_what_is_no_key_is_refused_with_the_reason(call: Call, kind: str, text: str) -> None:
    status, fault = _create(call, type=kind, public_key=text)

    said = "generate X509 fingerprint" if kind == "x509" else "generate fingerprint"
    assert status == 400
    assert f"Keypair data is invalid: failed to {said}" in fault["badRequest"]["message"]
    assert _names(call) == []


@pytest.mark.parametrize(
    ("version", "keypair", "status"),
    [
        (1, {"name": "a"}, 200),
        (1, {"name": "a", "type": "ssh"}, 400),
        (2, {"name": "a", "type": "ssh"}, 201),
        (2, {"name": "a", "type": "pgp"}, 400),
        (9, {"name": "a", "user_id": "admin"}, 400),
        (10, {"name": "a", "user_id": "admin"}, 201),
        (91, {"name": "a"}, 201),
        (91, {"name": "a@b.c", "public_key": PUBLIC}, 400),
        (92, {"name": "a"}, 400),
        (92, {"name": "a@b.c", "public_key": PUBLIC}, 201),
        (92, {"name": "a:b", "public_key": PUBLIC}, 400),
        (1, {"name": "a/b"}, 400),
        (1, {"name": " a"}, 400),
        (1, {"name": ""}, 400),
        (1, {"name": "a" * 256}, 400),
        (1, {"name": "a", "public_key": None}, 400),
        (1, {"name": "a", "public_key": "x" * 16001}, 400),
        (1, {"public_key": PUBLIC}, 400),
        (1, {"name": "a", "more": 1}, 400),
    ],
)
def test_the_body_is_that_of_its_version(
    call: Call, version: int, keypair: dict[str, Any], status: int
) -> None:
    answer, _ = call("POST", "/os-keypairs", {"keypair": keypair}, version=version)

    assert answer == status


def test_unsafe_characters_of_a_name_are_named(call: Call) -> None:
    _, fault = _create(call, "a.b", public_key=PUBLIC)

    message = "Keypair data is invalid: Keypair name contains unsafe characters"
    assert fault["badRequest"]["message"] == message


def test_a_name_is_taken_once_by_each_user(call: Call) -> None:
    _create(call, public_key=PUBLIC)

    status, fault = _create(call, public_key=PUBLIC)

    assert status == 409
    assert fault["conflictingRequest"]["message"] == "Key pair 'mine' already exists."
    assert _create(call, public_key=PUBLIC, user="bob")[0] == 201
    assert _create(call, "Mine", public_key=PUBLIC)[0] == 201


def test_show_has_more_than_lists(call: Call) -> None:
    _create(call, public_key=PUBLIC)

    _, shown = call("GET", "/os-keypairs/mine", user="alice")
    _, listed = call("GET", "/os-keypairs", user="alice")
    _, typed = call("GET", "/os-keypairs", user="alice", version=2)

    brief = {"name", "public_key", "fingerprint"}
    more = {"user_id", "id", "created_at", "updated_at", "deleted", "deleted_at"}
    assert set(listed["keypairs"][0]["keypair"]) == brief
    assert set(typed["keypairs"][0]["keypair"]) == brief | {"type"}
    assert set(shown["keypair"]) == brief | more
    assert shown["keypair"]["deleted"] is False


@pytest.mark.parametrize(("version", "status"), [(1, 202), (2, 204), (104, 204)])
def test_a_deleted_one_is_gone(call: Call, version: int, status: int) -> None:
    _create(call, "a b", public_key=PUBLIC)

    deleted, body = call("DELETE", "/os-keypairs/a%20b", user="alice", version=version)
    again, fault = call("DELETE", "/os-keypairs/a%20b", user="alice", version=version)

    assert (deleted, body, again) == (status, None, 404)
    message = "Keypair a b not found for user alice"
    assert fault["itemNotFound"]["message"] == message


def test_the_old_api_takes_blanks_around_a_name(call: Call) -> None:
    body = {"keypair": {"name": " mine ", "public_key": PUBLIC, "unknown": 1}}

    status, found = call("POST", "/os-keypairs", body, user="alice", root="/v2")

    assert (status, found["keypair"]["name"]) == (200, "mine")


def test_everybody_has_their_own_and_administrators_those_of_all(call: Call) -> None:
    _create(call, public_key=PUBLIC)
    status, found = _create(
        call, "hers", public_key=PUBLIC, user_id="alice", user="admin", version=10
    )

    assert (status, found["keypair"]["user_id"]) == (201, "alice")
    assert _names(call) == ["hers", "mine"]
    assert _names(call, user="bob") == _names(call, user="admin") == []
    assert _names(call, "?user_id=alice", user="admin") == ["hers", "mine"]
    assert _names(call, "?user_id=alice", user="admin", version=9) == []
    assert call("GET", "/os-keypairs/mine", user="bob")[0] == 404
    for verb, path in (("GET", ""), ("GET", "/mine"), ("DELETE", "/mine")):
        url = f"/os-keypairs{path}?user_id=alice"
        assert call(verb, url, user="bob", version=10)[0] == 403
        assert call(verb, url, user="alice", version=10)[0] < 300
    assert _create(call, public_key=PUBLIC, user_id="alice", user="bob", version=10)[0] == 403


def test_pages_lead_through_the_names(call: Call) -> None:
    for name in ("c", "a", "b"):
        _create(call, name, public_key=PUBLIC)

    _, first = call("GET", "/os-keypairs?limit=2", user="alice", version=35)
    (link,) = first["keypairs_links"]

    assert [one["keypair"]["name"] for one in first["keypairs"]] == ["a", "b"]
    assert link["rel"] == "next"
    assert "/v2.1/os-keypairs?limit=2&marker=b" in link["href"]
    assert _names(call, "?limit=2&marker=b") == ["c"]
    assert _names(call, "?limit=0") == []
    assert _names(call, "?limit=1", version=34) == ["a", "b", "c"]
    status, fault = call("GET", "/os-keypairs?marker=x", user="alice", version=35)
    assert status == 400
    assert fault["badRequest"]["message"] == "Marker x could not be found."
    assert call("GET", "/os-keypairs?limit=x", user="alice", version=35)[0] == 400
    assert call("GET", "/os-keypairs?sort=x", user="alice", version=75)[0] == 400


def test_one_more_than_the_quota_is_refused(call: Call, database: Database) -> None:
    _fill(database, 100)

    status, fault = _create(call, public_key=PUBLIC)

    assert status == 403
    assert fault["forbidden"]["message"] == "Quota exceeded, too many key pairs."
    assert _create(call, public_key=PUBLIC, user="bob")[0] == 201


def test_of_many_creates_at_once_as_many_win_as_the_quota_has_room_for(
    call: Call, database: Database
) -> None:
    _fill(database, 98)

    answers = together(6, lambda n: _create(call, f"new{n}", public_key=PUBLIC)[0])

    assert sorted(answers) == [201, 201, 403, 403, 403, 403]


def test_of_two_creates_of_one_name_one_wins(call: Call) -> None:
    answers = together(4, lambda _n: _create(call, public_key=PUBLIC)[0])

    assert sorted(answers) == [201, 409, 409, 409]
    assert _names(call) == ["mine"]


@pytest.mark.parametrize(("name", "status"), [("mine", 202), ("nobodys", 400), ("his", 400)])
def test_a_server_names_a_key_pair_of_its_user(
    call: Call, database: Database, name: str, status: int
) -> None:
    now = database.now()
    database.write(lambda db: add_devstack(db, now))
    database.write(lambda db: images.insert(db, image(now)))
    _create(call, public_key=PUBLIC)
    _create(call, "his", public_key=PUBLIC, user="bob")
    server = {"name": "s", "flavorRef": "42", "imageRef": IMAGE, "key_name": name}

    answer, found = call("POST", "/servers", {"server": server}, user="alice")

    assert answer == status
    if status == 202:
        ref = found["server"]["id"]
        _, shown = call("GET", f"/servers/{ref}", user="alice")
        assert shown["server"]["key_name"] == "mine"
        assert call("DELETE", "/os-keypairs/mine", user="alice")[0] == 202
    else:
        assert found["badRequest"]["message"] == "Invalid key_name provided."


def test_no_program_waits_for_the_library_of_keys_at_its_start() -> None:
    look = "import sys, minicloud.cmd.embedded as _; print('cryptography' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True, text=True)

    assert said.stdout == "False\n"


def _fill(database: Database, count: int) -> None:
    """Give alice so many key pairs."""
    now = database.now()
    facts = {"user_id": "alice", "type": "ssh", "fingerprint": "", "created_at": now}
    rows = [KeyPair(name=f"old{n}", public_key=PUBLIC, **facts) for n in range(count)]
    database.write(lambda db: db.add_all(rows))
