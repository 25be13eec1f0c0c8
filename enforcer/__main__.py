"""The command `enforcer`, and ``python -m enforcer``: signals first, then everything else."""

import sys

from enforcer.cli.terminal import signals


def main() -> int:
    """Run the command line of this process and return its exit code."""
    signals.install()
    from enforcer.cli.main import main as command  # noqa: PLC0415 - a signal during the imports must find its handler

    return command()


if __name__ == "__main__":
    sys.exit(main())
