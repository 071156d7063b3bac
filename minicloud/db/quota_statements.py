"""The statements by which quotas are looked up and counted, made once: every create says one.

Parameters: `project`, `user` and `quota_class`. A row is (layer, resource, limit, 0, 0, 0)
or (USED, "", instances, cores, memory in MB, how many of them are being resized).
"""

from typing import Any, Final

import sqlalchemy as sa

from minicloud.db.migrations import OVER
from minicloud.db.models import Instance, Migration, Quota, QuotaClass
from minicloud.instance_states import Task, VmState

DEFAULT_CLASS: Final = "default"
DEFAULT, CLASS, PROJECT, USER, USED = range(5)  # layers: each goes before those to its left
_BACK: Final = (Task.RESIZE_FINISH, Task.RESIZE_REVERTING)  # may be what it was, and that more
_GROWS: Final = (Task.RESIZE_PREP, Task.RESIZE_MIGRATING, *_BACK)  # and holds less yet
_PROJECT: Final = sa.bindparam("project", type_=sa.String)
_USER: Final = sa.bindparam("user", type_=sa.String)


def _number(value: int, name: str) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value), sa.Integer).label(name)


def _row(layer: Any, resource: Any, *numbers: Any) -> sa.Select[Any]:
    """`numbers` are followed by as many 0 as a row needs."""
    rest = [_number(0, f"zero{n}") for n in range(4 - len(numbers))]
    return sa.select(layer, resource, *numbers, *rest)


def _limits() -> tuple[sa.Select[Any], sa.Select[Any]]:
    klass = sa.bindparam("quota_class", type_=sa.String)
    layer = sa.case(
        (QuotaClass.class_name == DEFAULT_CLASS, _number(DEFAULT, "layer")), else_=CLASS
    )
    of_class = _row(layer, QuotaClass.resource, QuotaClass.hard_limit).where(
        sa.or_(QuotaClass.class_name == DEFAULT_CLASS, QuotaClass.class_name == klass)
    )
    own = _row(
        sa.case((Quota.user_id == "", _number(PROJECT, "layer")), else_=USER),
        Quota.resource,
        Quota.hard_limit,
    ).where(Quota.project_id == _PROJECT, sa.or_(Quota.user_id == "", Quota.user_id == _USER))
    return own, of_class


def _counted(*, of_user: bool) -> tuple[sa.ColumnElement[bool], ...]:
    """What is being restored counts, and what is deleted and kept does not."""
    counted: tuple[sa.ColumnElement[bool], ...] = (
        Instance.project_id == _PROJECT,
        Instance.deleted == 0,
        sa.or_(Instance.vm_state != VmState.SOFT_DELETED, Instance.task_state == Task.RESTORING),
    )
    return (*counted, Instance.user_id == _USER) if of_user else counted


def _usage(*, of_user: bool) -> sa.Select[Any]:
    growing = sa.case((Instance.task_state.in_(_GROWS), 1), else_=0)
    return _row(
        _number(USED, "layer"),
        sa.literal_column("''", sa.String).label("resource"),
        sa.func.count(Instance.id),
        *(
            sa.func.coalesce(sa.func.sum(column), 0)
            for column in (Instance.vcpus, Instance.memory_mb, growing)
        ),
    ).where(*_counted(of_user=of_user))


def _growth(*, of_user: bool) -> sa.Select[Any]:
    """What each of the instances that are being resized may take more than it does."""
    back = Instance.task_state.in_(_BACK)

    def more(column: sa.orm.InstrumentedAttribute[int], name: str) -> sa.ColumnElement[int]:
        old, new = Migration.old_flavor[name].as_integer(), Migration.new_flavor[name].as_integer()
        wanted = sa.case((back, old), else_=new)
        return sa.case((wanted > column, wanted - column), else_=0)

    return (
        _row(
            _number(USED, "layer"),
            sa.literal_column("''", sa.String).label("resource"),
            _number(0, "instances"),
            more(Instance.vcpus, "vcpus"),
            more(Instance.memory_mb, "memory_mb"),
        )
        .join(Migration, Migration.instance_uuid == Instance.uuid)
        .where(
            *_counted(of_user=of_user),
            Instance.task_state.in_(_GROWS),
            Migration.status.not_in(OVER),
        )
    )


LIMITS: Final = sa.union_all(*_limits())
LIMITS_AND_USAGE: Final = sa.union_all(*_limits(), _usage(of_user=False))
USAGE: Final = {of_user: _usage(of_user=of_user) for of_user in (False, True)}
GROWN: Final = {  # the same, with the growth; one statement, as a moment later there may be more
    of_user: sa.union_all(_usage(of_user=of_user), _growth(of_user=of_user))
    for of_user in (False, True)
}
