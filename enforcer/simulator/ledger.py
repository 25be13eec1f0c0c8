"""What the simulator was sent, in order of arrival; knows nothing of what the requests mean."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Received:
    """One request, written down on arrival and completed as more becomes known."""

    at: float
    """Arrival, in seconds of the machine's monotonic clock."""
    method: str
    path: str
    """As it stood on the request line, still percent-encoded."""
    query: str
    request_id: str
    """What the answer's X-Request-Id says."""
    body: str = ""
    status: int | None = None
    """None until it is answered."""


class Ledger:
    """Every request, and how many were on their way at once."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.in_flight = 0
        self.peak_in_flight = 0

    def arrive(self, received: Received) -> None:
        self.received.append(received)
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)

    def leave(self) -> None:
        self.in_flight -= 1
