"""The command line's quickest: one curl with many transfers at once, unsigned."""

from pathlib import Path

from tests.bench import fleet
from tests.bench.yard import Finished, Yard

PARALLEL = 64


def send(yard: Yard, endpoint: str, number: int, ca_file: Path | None = None) -> Finished:
    """Send *number* PUTs to *endpoint*."""
    urls = yard.folder / "curl.txt"
    path = f"{endpoint}/v2/{fleet.PROJECT_ID}/migration-task"
    urls.write_text("".join(f'url = "{path}/{fleet.task_id(task)}"\n' for task in range(number)), encoding="utf-8")
    trust = ("--cacert", ca_file) if ca_file else ()
    request = ("-X", "PUT", "-d", '{"resume_mode":"manual"}', "-H", "Content-Type: application/json")
    return yard.program("curl", "-sS", "--fail", "-Z", "--parallel-max", PARALLEL, *trust, *request, "-K", urls)
