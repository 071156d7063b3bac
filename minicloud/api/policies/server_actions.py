"""Rules of what can be asked of a server beyond the ordinary."""

from typing import Final

from minicloud.api.policies.base import ADMIN, MANAGER_OR_ADMIN, MEMBER_OR_ADMIN, rule

_OS: Final = "os_compute_api:os-"
PAUSE: Final = _OS + "pause-server:pause"
UNPAUSE: Final = _OS + "pause-server:unpause"
SUSPEND: Final = _OS + "suspend-server:suspend"
RESUME: Final = _OS + "suspend-server:resume"
RESCUE: Final = _OS + "rescue"
UNRESCUE: Final = _OS + "unrescue"
SHELVE: Final = _OS + "shelve:shelve"
UNSHELVE: Final = _OS + "shelve:unshelve"
UNSHELVE_TO_HOST: Final = _OS + "shelve:unshelve_to_host"
SHELVE_OFFLOAD: Final = _OS + "shelve:shelve_offload"
LOCK: Final = _OS + "lock-server:lock"
UNLOCK: Final = _OS + "lock-server:unlock"
UNLOCK_OVERRIDE: Final = _OS + "lock-server:unlock:unlock_override"
CREATE_BACKUP: Final = _OS + "create-backup"
ADMIN_PASSWORD: Final = _OS + "admin-password"
RESET_STATE: Final = _OS + "admin-actions:reset_state"
FORCE_DELETE: Final = _OS + "deferred-delete:force"
RESTORE: Final = _OS + "deferred-delete:restore"
MIGRATE: Final = _OS + "migrate-server:migrate"
MIGRATE_TO_HOST: Final = _OS + "migrate-server:migrate:host"
MIGRATE_LIVE: Final = _OS + "migrate-server:migrate_live"
MIGRATE_LIVE_TO_HOST: Final = _OS + "migrate-server:migrate_live:host"
EVACUATE: Final = _OS + "evacuate"
REMOTE_CONSOLES: Final = _OS + "remote-consoles"
CONSOLE_TOKENS: Final = _OS + "console-auth-tokens"
ABORT_MIGRATION: Final = "os_compute_api:servers:migrations:delete"
FORCE_COMPLETE: Final = "os_compute_api:servers:migrations:force_complete"

_ACTION: Final = "POST /servers/{server_id}/action"
_MIGRATION: Final = "/servers/{server_id}/migrations/{migration_id}"

RULES: Final = [
    rule(PAUSE, MEMBER_OR_ADMIN, "Pause a server.", f"{_ACTION} (pause)"),
    rule(UNPAUSE, MEMBER_OR_ADMIN, "Let a paused server go on.", f"{_ACTION} (unpause)"),
    rule(SUSPEND, MEMBER_OR_ADMIN, "Suspend a server.", f"{_ACTION} (suspend)"),
    rule(RESUME, MEMBER_OR_ADMIN, "Resume a suspended server.", f"{_ACTION} (resume)"),
    rule(RESCUE, MEMBER_OR_ADMIN, "Run a server from a rescue image.", f"{_ACTION} (rescue)"),
    rule(
        UNRESCUE,
        MEMBER_OR_ADMIN,
        "Run a rescued server from its own disk.",
        f"{_ACTION} (unrescue)",
    ),
    rule(SHELVE, MEMBER_OR_ADMIN, "Shelve a server.", f"{_ACTION} (shelve)"),
    rule(UNSHELVE, MEMBER_OR_ADMIN, "Take a server from the shelf.", f"{_ACTION} (unshelve)"),
    rule(
        UNSHELVE_TO_HOST, ADMIN, "Name the host of a server to unshelve.", f"{_ACTION} (unshelve)"
    ),
    rule(
        SHELVE_OFFLOAD, ADMIN, "Take a shelved server from its host.", f"{_ACTION} (shelveOffload)"
    ),
    rule(LOCK, MEMBER_OR_ADMIN, "Lock a server.", f"{_ACTION} (lock)"),
    rule(UNLOCK, MEMBER_OR_ADMIN, "Unlock a server.", f"{_ACTION} (unlock)"),
    rule(
        UNLOCK_OVERRIDE, ADMIN, "Unlock a server that somebody else locked.", f"{_ACTION} (unlock)"
    ),
    rule(CREATE_BACKUP, MEMBER_OR_ADMIN, "Back a server up.", f"{_ACTION} (createBackup)"),
    rule(
        ADMIN_PASSWORD,
        MEMBER_OR_ADMIN,
        "Change a server's password.",
        f"{_ACTION} (changePassword)",
    ),
    rule(RESET_STATE, ADMIN, "Say what a server's state is.", f"{_ACTION} (os-resetState)"),
    rule(
        FORCE_DELETE,
        MEMBER_OR_ADMIN,
        "Delete a server at once and for good.",
        f"{_ACTION} (forceDelete)",
    ),
    rule(RESTORE, MEMBER_OR_ADMIN, "Restore a deleted server.", f"{_ACTION} (restore)"),
    rule(MIGRATE, MANAGER_OR_ADMIN, "Move a server to another host.", f"{_ACTION} (migrate)"),
    rule(MIGRATE_TO_HOST, ADMIN, "Name the host that a server moves to.", f"{_ACTION} (migrate)"),
    rule(
        MIGRATE_LIVE,
        MANAGER_OR_ADMIN,
        "Move a server while it runs.",
        f"{_ACTION} (os-migrateLive)",
    ),
    rule(
        MIGRATE_LIVE_TO_HOST,
        ADMIN,
        "Name the host that it moves to.",
        f"{_ACTION} (os-migrateLive)",
    ),
    rule(EVACUATE, ADMIN, "Make a server anew whose host is down.", f"{_ACTION} (evacuate)"),
    rule(
        REMOTE_CONSOLES,
        MEMBER_OR_ADMIN,
        "Look at a server's console.",
        "POST /servers/{server_id}/remote-consoles",
        f"{_ACTION} (os-getVNCConsole)",
        f"{_ACTION} (os-getSPICEConsole)",
        f"{_ACTION} (os-getSerialConsole)",
    ),
    rule(
        CONSOLE_TOKENS,
        ADMIN,
        "Find what a console's token is for.",
        "GET /os-console-auth-tokens/{console_token}",
    ),
    rule(ABORT_MIGRATION, MANAGER_OR_ADMIN, "Call a live migration off.", "DELETE " + _MIGRATION),
    rule(
        FORCE_COMPLETE,
        MANAGER_OR_ADMIN,
        "Hurry a live migration.",
        f"POST {_MIGRATION}/action (force_complete)",
    ),
]
