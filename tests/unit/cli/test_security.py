"""What docs/security.md promises and no other test holds."""

import json
import re
import subprocess
import sys
from pathlib import Path

from enforcer.dcs.api.call import CALLS

PAGE = (Path(__file__).parents[3] / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_smallest_permission_is_what_the_calls_need():
    (policy,) = (json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    (statement,) = policy["Statement"]

    assert statement["Effect"] == "Allow"
    assert set(statement["Action"]) == {call.permission for call in CALLS if call.permission is not None}


def test_no_command_leaves_a_core_dump():
    program = (
        "import resource; from enforcer.cli.main import main; main(['schema']); "
        "print(); print(resource.getrlimit(resource.RLIMIT_CORE))"
    )

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert shown.stdout.splitlines()[-1] == "(0, 0)"
