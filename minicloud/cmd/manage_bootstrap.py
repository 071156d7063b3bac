"""minicloud-manage bootstrap: the first users, projects, flavors and image."""

import os

from oslo_config import cfg

from minicloud.cmd import parts
from minicloud.cmd.bootstrap import bootstrap
from minicloud.cmd.manage_group import Commands
from minicloud.runtime import steps
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.passwords import secret


def make_world(conf: cfg.ConfigOpts) -> None:
    books = parts.database(conf, SystemClock(), steps.nothing)
    given = os.environ.get("MINICLOUD_PASSWORD")
    password = given or secret()
    bootstrap(books, conf, password, conf.command.image_owner)
    if conf.identity.external:
        print("flavors and the image cirros are there")
        return
    print("users, projects, roles, catalogue, flavors and the image cirros are there")
    if not given:
        print(f"if this was the first time, the password of admin and demo is {password}")


def add_commands(commands: Commands) -> None:
    world = commands.add_parser(
        "bootstrap",
        help="make devstack's users, projects, flavors and image, where they are missing",
        description="The password of admin and demo is taken from $MINICLOUD_PASSWORD. Where the "
        "tokens are a real Keystone's, users and projects are made there, and not by this.",
    )
    world.add_argument(
        "--image-owner",
        default="",
        metavar="PROJECT_ID",
        help="who owns the image; default: the project admin of the identity service in here",
    )
    world.set_defaults(run=make_world)
