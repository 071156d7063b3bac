"""Makes the request context of who was granted entry, and holds the URL's project against it."""

from collections.abc import Callable, Iterable
from typing import Any

from minicloud import errors
from minicloud.api import paths
from minicloud.api.middleware.request_id import GLOBAL_ID_KEY, REQUEST_ID_KEY
from minicloud.api.policy import Policy
from minicloud.api.request import CONTEXT_KEY
from minicloud.auth.caller import Caller, caller_of
from minicloud.context import RequestContext
from minicloud.runtime.wiring import part


class Context:
    def __init__(self, application: Any, policy: Policy) -> None:
        self._application = application
        self._policy = policy

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop(CONTEXT_KEY, None)
        caller = caller_of(environ)
        if caller is not None:
            context = environ[CONTEXT_KEY] = self._context(caller, environ)
            _hold_against(paths.place(environ).project, context.project_id)
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks

    def _context(self, caller: Caller, environ: dict[str, Any]) -> RequestContext:
        if not caller.project_id:
            raise errors.Forbidden("The token is not for a project.")
        context = RequestContext(
            user_id=caller.user_id,
            user_name=caller.user_name,
            user_domain_id=caller.user_domain_id,
            project_id=caller.project_id,
            project_name=caller.project_name,
            project_domain_id=caller.project_domain_id,
            roles=list(caller.roles),
            **_of_service(caller.service),
            request_id=environ.get(REQUEST_ID_KEY),
            global_request_id=environ.get(GLOBAL_ID_KEY),
        )
        context.rules = self._policy.refresh()
        context.is_admin = self._policy.allows(context, "context_is_admin")
        return context


def _of_service(service: Caller | None) -> dict[str, Any]:
    """What is known of the service that passes a user's request on."""
    if service is None:
        return {}
    return {
        "service_user_id": service.user_id,
        "service_user_name": service.user_name,
        "service_user_domain_id": service.user_domain_id,
        "service_project_id": service.project_id,
        "service_project_name": service.project_name,
        "service_project_domain_id": service.project_domain_id,
        "service_roles": list(service.roles),
    }


def _hold_against(named: str | None, project_id: str) -> None:
    if named is not None and named != project_id:
        raise errors.BadRequest(
            f"Malformed request URL: URL's project_id '{named[:255]}' "
            f"doesn't match Context's project_id '{project_id}'"
        )


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Context]:
    policy = part(Policy)
    return lambda application: Context(application, policy)
