"""The real client manages people, catalogue and images; bytes of images cross real sockets."""

import hashlib
import http.client
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.client_shell import Shell, environment
from tests.functional.clouds import Cloud

DOMAIN = ("--domain", "default")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("services") / "state")
    made.up()
    yield made
    made.down()


def names(listed: list[dict[str, Any]], key: str = "Name") -> set[str]:
    return {each[key] for each in listed}


def test_a_project_with_a_user_and_a_role_from_beginning_to_end(shell: Shell) -> None:
    shell.ok("project create --description first", *DOMAIN, "alpha")
    shell.ok("project set --name beta --description second --disable alpha")
    assert shell.json("project show beta")["enabled"] is False
    shell.ok("project set --enable beta")
    shell.ok("user create --project beta --password one --email a@b.c", *DOMAIN, "anna")
    shell.ok("user set --name berta --description x --password two anna")
    shell.ok("role create --description r guest")
    shell.ok("role set --name visitor guest")
    shell.ok("role add --user berta --project beta visitor")

    given = shell.json("role assignment list --names --user berta")
    assert [(each["Role"], each["Project"]) for each in given] == [("visitor", "beta@Default")]
    assert shell.json("role assignment list --project beta --role visitor")
    assert names(shell.json("user list --project beta")) == {"berta"}
    assert names(shell.json("project list --user berta")) == {"beta"}
    shell.ok("role remove --user berta --project beta visitor")
    assert shell.json("role assignment list --names --user berta") == []
    for command in ("user delete berta", "role delete visitor", "project delete beta"):
        shell.ok(command)
    assert shell.run("project show beta").code == 1


def test_a_domain_is_disabled_before_it_is_deleted(shell: Shell) -> None:
    shell.ok("domain create --description d realm")
    shell.ok("user create --domain realm --password x inner")
    shell.ok("domain set --name kingdom --description e realm")

    assert names(shell.json("user list --domain kingdom")) == {"inner"}
    assert shell.run("domain delete kingdom").code == 1
    shell.ok("domain set --disable kingdom")
    shell.ok("domain delete kingdom")
    assert "kingdom" not in names(shell.json("domain list"))


def test_the_catalogue_is_kept(shell: Shell) -> None:
    shell.ok("region create --description d east")
    shell.ok("region create --parent-region east far-east")
    shell.ok("region set --description e far-east")
    shell.ok("service create --name store --description d --enable storage")
    made = shell.json("endpoint create --region east storage public", "http://one/v1")
    shell.ok("endpoint set --url", "http://two/v1", made["id"])
    assert "http://two/v1" in shell.ok("catalog show storage")
    assert shell.json("endpoint list --service store --interface public --region east")
    shell.ok("endpoint set --disable", made["id"])
    assert "storage" not in {entry["Type"] for entry in shell.json("catalog list")}
    shell.ok("service set --name depot --disable store")
    assert shell.json("region list --parent-region east")[0]["Region"] == "far-east"

    shell.ok("endpoint delete", made["id"])
    shell.ok("service delete depot")
    shell.ok("region delete far-east")
    shell.ok("region delete east")


def test_tokens_are_issued_and_revoked(shell: Shell) -> None:
    token = shell.json("token issue")["id"]

    shell.ok("token revoke", token)

    assert shell.run("token revoke", token).code == 1


def test_what_nobody_has_is_listed_as_nothing(shell: Shell) -> None:
    for command in ("group list", "access rule list", "trust list"):
        assert shell.json(command) == []
    for command in ("credential list", "limit list", "registered limit list", "policy list"):
        assert shell.json(command) == []
    assert shell.run("group create g").code == 1


def test_roles_imply_others_as_in_keystone(shell: Shell) -> None:
    listed = {
        (each["Prior Role Name"], each["Implied Role Name"])
        for each in shell.json("implied role list")
    }

    assert listed == {("admin", "manager"), ("manager", "member"), ("member", "reader")}


def test_one_changes_ones_own_password(cloud: Cloud, shell: Shell) -> None:
    shell.ok("user create --project demo --password first", *DOMAIN, "paula")
    shell.ok("role add --user paula --project demo member")
    before = environment(cloud, "paula") | {"OS_PASSWORD": "first", "OS_PROJECT_NAME": "demo"}
    own = Shell(before)

    own.ok("user password set --password second --original-password first")
    own.close()

    first, second = Shell(before), Shell(before | {"OS_PASSWORD": "second"})
    assert first.run("token issue").code == 1
    assert second.run("token issue").code == 0
    first.close()
    second.close()


def test_a_program_logs_in_with_an_application_credential(cloud: Cloud, shell: Shell) -> None:
    made = shell.json("application credential create --description d --role admin robot")
    assert names(shell.json("application credential list")) == {"robot"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    robot = Shell(
        kept
        | {
            "OS_AUTH_TYPE": "v3applicationcredential",
            "OS_AUTH_URL": f"{cloud.url}/identity/v3",
            "OS_APPLICATION_CREDENTIAL_ID": made["ID"],
            "OS_APPLICATION_CREDENTIAL_SECRET": made["Secret"],
        }
    )

    assert "m1.nano" in names(robot.json("flavor list"))
    assert robot.run("application credential create child").code == 1
    shell.ok("application credential delete robot")
    assert robot.run("token issue").code == 1
    robot.close()


def test_an_image_from_a_file_to_a_file(shell: Shell, tmp_path: Path) -> None:
    content, back = tmp_path / "content", tmp_path / "back"
    content.write_bytes(bytes(range(256)) * 20_000)
    formats = ("--disk-format", "qcow2", "--container-format", "bare")
    shell.ok(
        "image create --tag a --property k=v --min-disk 1", *formats, "--file", str(content), "i"
    )

    shown = shell.json("image show i")
    shell.ok("image save --file", str(back), "i")

    assert back.read_bytes() == content.read_bytes()
    assert shown["checksum"] == hashlib.md5(content.read_bytes()).hexdigest()
    assert (shown["size"], shown["status"]) == (content.stat().st_size, "active")
    shell.ok("image delete i")


def test_an_image_is_changed_in_every_way(shell: Shell) -> None:
    shell.ok("image create --private i")
    shell.ok("image set --name j --min-disk 2 --min-ram 3 --property c=d --tag t --tag u i")
    shell.ok("image set --os-distro l --architecture x86_64 --community --protected j")
    shown = shell.json("image show j")
    assert (shown["min_disk"], shown["min_ram"], shown["visibility"]) == (2, 3, "community")
    assert shown["properties"]["c"] == "d"
    assert shown["tags"] == ["t", "u"]
    assert shell.run("image delete j").code == 1
    shell.ok("image set --unprotected --hidden j")
    assert "j" not in names(shell.json("image list"))
    assert names(shell.json("image list --hidden")) == {"j"}
    shell.ok("image set --unhidden --shared j")
    shell.ok("image unset --tag t --property c j")
    shown = shell.json("image show j")
    assert (shown["tags"], "c" in shown["properties"]) == (["u"], False)
    for narrowed in ("--tag u", "--name j", "--status queued", "--shared", "--limit 1 --name j"):
        assert names(shell.json(f"image list {narrowed}")) == {"j"}, narrowed
    assert shell.json("image member list j") == []
    assert shell.run("image add project j demo").code == 1
    shell.ok("image delete j")


def test_an_image_is_deactivated_and_activated(shell: Shell) -> None:
    shell.ok("image set --deactivate cirros")
    assert shell.json("image show cirros")["status"] == "deactivated"
    refused = shell.run("server create --image cirros --flavor m1.nano refused")
    shell.ok("image set --activate cirros")

    assert "is not active" in refused.err
    assert shell.json("image show cirros")["status"] == "active"


def test_an_upload_of_unknown_length_is_taken_as_it_comes(cloud: Cloud, shell: Shell) -> None:
    token = shell.json("token issue")["id"]
    formats = ("--disk-format", "raw", "--container-format", "bare")
    ref = shell.json("image create", *formats, "chunked")["id"]
    headers = {"X-Auth-Token": token, "Content-Type": "application/octet-stream"}
    chunks = [bytes([number]) * 100_000 for number in range(30)]
    host = cloud.url.removeprefix("http://")

    line = http.client.HTTPConnection(host, timeout=60)
    path = f"/image/v2/images/{ref}/file"
    line.request("PUT", path, iter(chunks), headers, encode_chunked=True)
    answer = line.getresponse()
    answer.read()
    line.request("GET", path, headers=headers)
    back = line.getresponse()

    assert (answer.status, back.status) == (204, 200)
    assert back.getheader("Content-Length") == "3000000"
    assert back.read() == b"".join(chunks)
    assert shell.json("image show chunked")["size"] == 3_000_000
    line.close()
    shell.ok("image delete chunked")
