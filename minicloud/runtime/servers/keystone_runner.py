"""Runs the installed Keystone; $OS_KEYSTONE_CONFIG_FILES says how it is configured.

serve HOST PORT                 its application, by waitress
manage WORD ... [-- WORD ...]   commands of keystone-manage, one after the other
"""

import os
import sys
from collections.abc import Sequence

_THREADS = 8


def main() -> None:
    what, *words = sys.argv[1:]
    del sys.argv[1:]  # Keystone would read them as its own
    if what == "serve":
        serve(*words)
    else:
        manage(words)


def serve(host: str, port: str) -> None:
    import waitress
    from keystone.server.wsgi import initialize_public_application

    application = initialize_public_application()
    waitress.serve(application, host=host, port=int(port), threads=_THREADS, ident=None)


def manage(words: Sequence[str]) -> None:
    """Each command in a process of its own, as each begins with the libraries' fresh globals.

    They are forked from here, where Keystone is imported once: that is most of what one takes.
    """
    from keystone.cmd import cli

    file = os.environ["OS_KEYSTONE_CONFIG_FILES"]
    for command in _commands(words):
        child = os.fork()
        if not child:
            cli.main(argv=["keystone-manage", "--config-file", file, *command])
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(f"keystone-manage {command[0]} failed")


def _commands(words: Sequence[str]) -> list[list[str]]:
    commands: list[list[str]] = [[]]
    for word in words:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


if __name__ == "__main__":
    main()
