"""Takes what is pushed or posted over HTTP, on a loopback port, in a thread of its own: for tests."""

import contextlib
import gzip
import http.server
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.loopback import served


@dataclass(frozen=True, kw_only=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    """With names in lower case."""
    body: bytes


@dataclass
class Receiver:
    url: str = ""
    requests: list[Received] = field(default_factory=list)


@contextlib.contextmanager
def receiver(*, status: int = 200) -> Iterator[Receiver]:
    """Yield a receiver that answers *status* to everything."""
    found = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers["content-length"]))
            whole = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
            found.requests.append(Received(method=self.command, path=self.path, headers=headers, body=whole))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_POST  # noqa: N815 - the name that the server looks for

        def log_message(self, *_: object):
            """Say nothing."""

    with served(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        found.url = f"http://127.0.0.1:{port}"
        yield found
