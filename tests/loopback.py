"""An HTTP server on a loopback port, in a thread of its own, for as long as a block lasts: for tests."""

import contextlib
import http.server
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def served(server: http.server.HTTPServer) -> Iterator[int]:
    """Yield the port on which *server*, which is bound and closed at the end, takes requests."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
