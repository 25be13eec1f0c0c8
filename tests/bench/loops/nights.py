"""The command, night after night in one process, so that whatever it does not give back adds up.

python -m tests.bench.loops.nights POLICY, with the environment of a user; a line on standard input is a night. Prints
after each a line of JSON: its exit code, and what the process then holds.
"""

import contextlib
import gc
import json
import os
import resource
import sys
import threading
from pathlib import Path

from enforcer.cli.main import main


def held() -> dict[str, int]:
    """Return the memory of this process in bytes, its open files, threads and objects that the collector knows."""
    gc.unfreeze()  # the command freezes what is there when it has loaded everything, once a process
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return {
        "resident": pages * resource.getpagesize(),
        "files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "threads": threading.active_count(),
        "objects": len(gc.get_objects()),
    }


if __name__ == "__main__":
    policy = sys.argv[1]
    answers = os.fdopen(os.dup(1), "w")
    for _ in sys.stdin:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
            code = main(["apply", policy, "--yes"])
        answers.write(json.dumps({"code": code, **held()}) + "\n")
        answers.flush()
