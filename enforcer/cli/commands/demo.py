"""`enforcer demo`: the whole job against a simulated cloud on this machine, in seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from enforcer.cli.flags import helping, options
from enforcer.cli.terminal import screen

POLICY = """\
version: 1
name: demo
rules:
  - id: wan-links-stay-manual
    match: {task_name: ["*-wan-*", "dr-*"]}
    mode: manual
    reason: A full sync would saturate the WAN link
  - id: payments-reconnect
    match: {task_name: "pay-*"}
    mode: auto
    priority: 10
  - id: caches-stay-manual
    match: {task_name: "cache-*"}
    mode: manual
    reason: A cache is refilled by its application
limits:
  rate: 5/s
  # A real policy keeps its budgets: the built-in one allows 10 changes to auto in a run.
  to_auto:
    {max: unlimited, percent: unlimited, per_day: unlimited,
     per_source_instance: unlimited, per_target_instance: unlimited}
rollout: {bake: 2s, poll: 1s}   # a real policy watches longer
"""


@helping.command("demo", exits=helping.RUN, example="enforcer demo")
@options.option(
    "--tasks", default=60, show_default=True, type=click.IntRange(1, 2000), help="How many tasks there are."
)
@options.option("--seed", default=7, show_default=True, help="Another seed is another fleet.")
def command(tasks: int, seed: int) -> int:
    """Start a simulated cloud, show a policy's plan for it, apply it, and report.

    Nothing outside this machine is touched. The policy, the journal and the reports stay in a new folder
    under the system's temporary directory, whose path is shown.
    """
    import os
    import tempfile

    from enforcer.cli.main import main

    folder = Path(tempfile.mkdtemp(prefix="enforcer-demo-"))
    policy = folder / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    _forget_the_real_cloud()
    with _simulator(tasks, seed) as cloud:
        os.environ.update(_environment(cloud, folder))
        screen.show(f"A simulated cloud with {tasks} tasks listens on {cloud['endpoint']}. The policy is {policy}.\n")
        for arguments in (
            ["plan", str(policy)],
            ["apply", str(policy), "--yes", "--state-dir", str(folder / "state")],
        ):
            screen.show(f"$ enforcer {' '.join(arguments)}")
            code = main(arguments)
            screen.show("")
            if code:
                return code
    return 0


@contextmanager
def _simulator(tasks: int, seed: int) -> Iterator[dict[str, str]]:
    """Yield what a simulator in a process of its own says of itself; it ends when its standard input does."""
    import subprocess
    import sys

    import msgspec

    arguments = ["--port", "0", "--tasks", str(tasks), "--drift", "0.2", "--seed", str(seed), "--stop-with-stdin"]
    child = subprocess.Popen(  # noqa: S603 - our own command, with numbers for arguments
        [sys.executable, "-m", "enforcer", "simulator", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        line = child.stdout.readline() if child.stdout else b""
        yield msgspec.json.decode(line, type=dict[str, str])
        if child.stdin:
            child.stdin.close()


def _forget_the_real_cloud() -> None:
    """Take out of the environment what a user has set for real work: keys, tokens, endpoints, flags."""
    import os

    for name in list(os.environ):
        if name.startswith(("ENFORCER_", "HUAWEICLOUD_SDK_", "HW_", "OS_")):
            del os.environ[name]


def _environment(cloud: dict[str, str], folder: Path) -> dict[str, str]:
    """Return the settings that a real user would make, and a log file, so that the screen shows results."""
    return {
        "HUAWEICLOUD_SDK_AK": cloud["ak"],
        "HUAWEICLOUD_SDK_SK": cloud["sk"],
        "HUAWEICLOUD_SDK_PROJECT_ID": cloud["project_id"],
        "HW_REGION_NAME": cloud["region"],
        "ENFORCER_ENDPOINT": cloud["endpoint"],
        "ENFORCER_CREDENTIALS": "env",
        "ENFORCER_LOG_FILE": str(folder / "log.jsonl"),
    }
