"""Makes the request context of who was granted entry, and holds the URL's project against it."""

from collections.abc import Callable, Iterable
from typing import Any

from minicloud import errors
from minicloud.api import paths
from minicloud.api.middleware.request_id import GLOBAL_ID_KEY, REQUEST_ID_KEY
from minicloud.api.middleware.token import GRANT_KEY
from minicloud.api.policy import Policy
from minicloud.api.request import CONTEXT_KEY
from minicloud.context import RequestContext
from minicloud.db.tokens import Grant
from minicloud.runtime.wiring import part


class Context:
    def __init__(self, application: Any, policy: Policy) -> None:
        self._application = application
        self._policy = policy

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop(CONTEXT_KEY, None)
        grant = environ.get(GRANT_KEY)
        if isinstance(grant, Grant):
            self._policy.refresh()
            context = environ[CONTEXT_KEY] = self._context(grant, environ)
            _hold_against(paths.place(environ).project, context.project_id)
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks

    def _context(self, grant: Grant, environ: dict[str, Any]) -> RequestContext:
        if not grant.project_id:
            raise errors.Forbidden("The token is not for a project.")
        context = RequestContext(
            user_id=grant.user_id,
            user_name=grant.user_name,
            user_domain_id=grant.user_domain_id,
            project_id=grant.project_id,
            project_name=grant.project_name,
            project_domain_id=grant.project_domain_id,
            roles=list(grant.roles),
            request_id=environ.get(REQUEST_ID_KEY),
            global_request_id=environ.get(GLOBAL_ID_KEY),
        )
        context.is_admin = self._policy.allows(context, "context_is_admin")
        return context


def _hold_against(named: str | None, project_id: str) -> None:
    if named is not None and named != project_id:
        raise errors.BadRequest(
            f"Malformed request URL: URL's project_id '{named[:255]}' "
            f"doesn't match Context's project_id '{project_id}'"
        )


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Context]:
    policy = part(Policy)
    return lambda application: Context(application, policy)
