"""The command `enforcer`, and ``python -m enforcer``: signals first, then everything else."""

import gc
import sys

from enforcer.cli.terminal import signals


def main() -> int:
    """Run the command line of this process and return its exit code."""
    signals.install()
    # What a command makes, modules or tasks, mostly stays to its end: the collector need not go through it time and
    # again, and at the end not at all. A start makes less than this.
    gc.set_threshold(100_000)
    from enforcer.cli.main import main as command  # noqa: PLC0415 - a signal during the imports must find its handler

    code = command()
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(main())
