"""A mailbox for tests: takes what Apprise's json:// posts, on a loopback port, in a thread of its own."""

import contextlib
import http.server
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import served


@dataclass
class Inbox:
    url: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)


@contextlib.contextmanager
def inbox(*, status: int = 200, at_each: Callable[[], object] = lambda: None, secret: str = "") -> Iterator[Inbox]:
    """Yield a mailbox that answers *status*, after *at_each* has been called; *secret* stands in its URL."""
    found = Inbox()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            found.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            at_each()
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object):
            """Say nothing."""

    with served(http.server.HTTPServer(("127.0.0.1", 0), Handler)) as port:
        found.url = f"json://user:{secret}@127.0.0.1:{port}/{secret}" if secret else f"json://127.0.0.1:{port}"
        yield found


@contextlib.contextmanager
def silence() -> Iterator[str]:
    """Yield the URL of a service that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"json://127.0.0.1:{server.getsockname()[1]}"
