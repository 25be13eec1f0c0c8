"""Who is at the keyboard, and where."""

import getpass
import os
import socket


def user() -> str:
    """Return the user's name, or the number where there is no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def host() -> str:
    return socket.gethostname()


def person() -> str:
    """Return ``user on host``, as records name people."""
    return f"{user()} on {host()}"
