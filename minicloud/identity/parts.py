"""What every handler of the identity service works with."""

from dataclasses import dataclass
from datetime import timedelta

from minicloud.db import tokens
from minicloud.db.engine import Database
from minicloud.db.tokens import Grant
from minicloud.errors import Forbidden
from minicloud.identity.passwords import Passwords
from minicloud.runtime.wsgi import Call


@dataclass(frozen=True, slots=True)
class Parts:
    database: Database
    passwords: Passwords
    token_life: timedelta

    def grant(self, call: Call) -> Grant:
        """Who asks; Unauthorized when that is nobody."""
        return tokens.required(self.database, call.header("X-Auth-Token"))

    def admin(self, call: Call) -> Grant:
        """Who asks, and may do everything."""
        return self.admin_or(call, False)

    def admin_or(self, call: Call, user_id: str | bool) -> Grant:
        """Who asks, and is an admin or this user."""
        grant = self.grant(call)
        if not grant.is_admin and grant.user_id != user_id:
            raise Forbidden("You are not authorized to perform the requested action.")
        return grant
