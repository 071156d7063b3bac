"""Who asks: the identity and request ids that travel with requests, messages and log lines."""

from typing import Any, ClassVar, Self

from oslo_context import context as oslo_context


class RequestContext(oslo_context.RequestContext):  # type: ignore[misc]
    """oslo.context's; `request_id` is the local id, the key of instance actions.

    `quota_class` is the class of the caller's project, whose limits go before the usual ones.
    """

    FROM_DICT_EXTRA_KEYS: ClassVar[list[str]] = ["quota_class"]

    user_id: str
    project_id: str
    request_id: str
    roles: list[str]
    service_roles: list[str]  # of the service that passes the request on, if one does
    is_admin: bool
    limit_class: str | None = None  # of the project, as the rate limits' table has it
    rules: Any = None  # the policy as it was when the request came; None: as it is

    def __init__(self, *, quota_class: str | None = None, **facts: Any) -> None:
        super().__init__(**facts)
        self.quota_class = quota_class

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "quota_class": self.quota_class}

    @classmethod
    def from_message(cls, values: dict[str, Any]) -> Self:
        """The context that a message carried, made current for the thread's log lines."""
        return cls.from_dict(values)  # type: ignore[no-any-return]


def for_service(name: str, request_id: str | None = None) -> RequestContext:
    """The context of work that a service does of its own accord."""
    return RequestContext(
        user_id=name,
        project_id="",
        is_admin=True,
        roles=["admin", "service"],
        request_id=request_id,
        overwrite=False,
    )


def speak_for(request_id: str | None, user_id: str, project_id: str) -> RequestContext:
    """Make the request that an instance's work belongs to current for this thread's log lines."""
    return RequestContext(
        user_id=user_id, project_id=project_id, request_id=request_id, overwrite=True
    )
