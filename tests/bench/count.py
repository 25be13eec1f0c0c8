"""What the sending of a change costs in instructions, which do not depend on who else uses the machine: `make count`.

Needs valgrind. The kernel's part is not in it. Two runs differ in nothing but their number of changes, so that their
start is not in it either.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import Final

FEW: Final = 500
MORE: Final = 2_500
ROUNDS: Final = 3


def instructions(changes: int) -> int:
    """Return how many a run of so many *changes* takes, all threads."""
    with tempfile.TemporaryDirectory(prefix="enforcer-count-") as folder:
        counting = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/calls")
        sending = (sys.executable, "-m", "tests.bench.loops.sending", str(changes), folder)
        done = subprocess.run((*counting, *sending), capture_output=True, text=True, check=True)
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if counted is None:
        raise RuntimeError(f"valgrind does not say what it counted: {done.stderr}")
    return int(counted[1])


def main() -> int:
    if shutil.which("valgrind") is None:
        sys.stderr.write("valgrind is not installed: install it, Debian's package has that name, and try again\n")
        return 69
    with ThreadPoolExecutor(2) as at_a_time:
        for _ in range(ROUNDS):
            few, more = at_a_time.map(instructions, (FEW, MORE))
            sys.stdout.write(f"{(more - few) / (MORE - FEW):,.0f} instructions a change\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
