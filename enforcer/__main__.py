"""``python -m enforcer`` is the ``enforcer`` command."""

import sys

from enforcer.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
