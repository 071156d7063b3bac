"""The commands of `minicloud-manage quota` that change something."""

from collections.abc import Mapping

from oslo_config import cfg

from minicloud.cmd.quota_books import Books
from minicloud.conf.quota import OPTS
from minicloud.errors import BadRequest, CannotStart


def update(conf: cfg.ConfigOpts) -> None:
    books, wanted = Books(conf), _wanted(conf)
    project, user = books.project(conf.command.project), books.user(conf.command.user)
    context = books.context(project)
    whose = user.id if user else None
    before = books.quotas.show(context, project.id, whose)
    try:
        after = books.quotas.update(context, project.id, whose, wanted, force=conf.command.force)
    except BadRequest as error:
        raise CannotStart(f"{error} (--force sets it all the same)") from error
    owner = f"{user.name} in {project.name}" if user else project.name
    for name in wanted:
        _tell(owner, name, before[name].limit, after[name].limit)


def delete(conf: cfg.ConfigOpts) -> None:
    books = Books(conf)
    project, user = books.project(conf.command.project), books.user(conf.command.user)
    books.quotas.delete(books.context(project), project.id, user.id if user else None)
    if user is not None:
        print(f"{user.name} has the limits of {project.name} again")
    else:
        print(f"{project.name} and all its users have the default limits again")


def update_class(conf: cfg.ConfigOpts) -> None:
    books, wanted, name = Books(conf), _wanted(conf), conf.command.quota_class
    if not 0 < len(name) <= 255:
        raise CannotStart("the name of a class has 1 to 255 characters")
    before = books.quotas.show_class(books.context(), name)
    after = books.quotas.update_class(books.context(), name, wanted)
    for resource in wanted:
        _tell(f"class {name}", resource, before[resource], after[resource])


def _wanted(conf: cfg.ConfigOpts) -> Mapping[str, int]:
    given = {option.dest: getattr(conf.command, option.dest) for option in OPTS}
    wanted = {name: limit for name, limit in given.items() if limit is not None}
    if not wanted:
        raise CannotStart("name a limit to change, such as --instances 20 (see --help)")
    return wanted


def _tell(owner: str, name: str, before: int, after: int) -> None:
    print(f"{owner}: {name} {_said(before)} -> {_said(after)}")


def _said(limit: int) -> str:
    return "unlimited" if limit < 0 else str(limit)
