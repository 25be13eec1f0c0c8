"""From click's keyword arguments to the values that the rest of the command line works with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from enforcer.cli import state
from enforcer.core.text.quantity import parse_duration
from enforcer.errors import UsageError

if TYPE_CHECKING:
    from enforcer.cli.runs.errands import RunOptions, Terms
    from enforcer.cli.runs.measuring import Receivers
    from enforcer.cli.runs.revisiting import Request
    from enforcer.cli.state import Home
    from enforcer.cli.targets import Connection
    from enforcer.cli.terminal.logs import LogSink
    from enforcer.model.notify import Notify


def connection(flags: Mapping[str, Any]) -> Connection:
    from enforcer.cli.targets import Connection

    return Connection(
        target=tuple(flags["target"]),
        region=flags["region"],
        project_id=flags["project_id"],
        endpoint=flags["endpoint"],
        iam_endpoint=flags["iam_endpoint"],
        credentials=flags["credentials"],
        ca_file=flags["ca_file"],
        proxy=flags["proxy"],
    )


def run(flags: Mapping[str, Any]) -> RunOptions:
    """Return the run options; raise UsageError if two of them exclude each other."""
    shard = flags.get("shard")
    if shard and flags["allow_partial"]:
        raise UsageError(
            "--shard and --allow-partial exclude each other: what fits would depend on how far the others are",
            hint="Raise the limit in the policy, or take a part with --only, the same for every shard.",
        )
    from enforcer.cli.flags import repeated
    from enforcer.cli.runs.errands import RunOptions
    from enforcer.core.rollout.sharding import parse_shard
    from enforcer.model.plan import Acceptance, Latitude

    return RunOptions(
        only=tuple(flags["only"]),
        rate=flags["rate"],
        concurrency=flags["concurrency"],
        deadline=flags["deadline"],
        notify=_notify(flags),
        latitude=Latitude(
            allow_partial=flags["allow_partial"],
            max_changes=flags["max_changes"],
            break_glass=flags["break_glass"],
            accepted=tuple(Acceptance(tasks=tasks, reason=reason) for tasks, reason in flags["accept_inventory"]),
        ),
        shard=parse_shard(shard) if shard else None,
        flags=repeated.flags(),
    )


def revisit(run_id: str, flags: Mapping[str, Any], *, lifting: str | None = None) -> Request:
    """Return the request to go back to the run *run_id*; the override *lifting* ends when that is agreed to."""
    from enforcer.cli.runs.revisiting import Request

    return Request(
        run=run_id,
        policy_path=flags["policy"],
        connection=connection(flags),
        options=run(flags),
        home=home(flags),
        settle_s=parse_duration(flags["settle"]),
        lifting=lifting,
    )


def pace(flags: Mapping[str, Any]) -> RunOptions:
    """Return how fast a run may go, and nothing that would hold it back."""
    from enforcer.cli.flags import repeated
    from enforcer.cli.runs.errands import RunOptions

    return RunOptions(
        rate=flags["rate"],
        concurrency=flags["concurrency"],
        deadline=flags["deadline"],
        notify=_notify(flags),
        flags=repeated.flags(),
    )


def _notify(flags: Mapping[str, Any]) -> Notify | None:
    """Return what --notify says; a plan tells nobody and has no such flag."""
    from enforcer.model.notify import Notify

    said = flags.get("notify")
    return None if said is None else Notify(said)


def receivers(flags: Mapping[str, Any]) -> Receivers:
    from enforcer.cli.runs.measuring import Receivers

    return Receivers(pushgateway=flags["push_metrics"], opentelemetry=flags["otel"])


def colors(flags: Mapping[str, Any]) -> bool:
    """Return whether colours may be used at all; whether they can be is the terminal's to say."""
    return not flags["no_color"] and not os.environ.get("NO_COLOR")


def log(flags: Mapping[str, Any]) -> LogSink:
    """Set up the log and return the sink that shows events in it, which is closed when the command ends.

    Raises ConfigError if the log's file cannot be opened.
    """
    from enforcer.cli.terminal import logs

    sink = logs.set_up(level=flags["log_level"], form=flags["log_format"], file=flags["log_file"], colors=colors(flags))
    click.get_current_context().call_on_close(sink.close)
    return sink


def terms(flags: Mapping[str, Any]) -> Terms:
    from enforcer.cli.runs.errands import Terms

    timeout = flags["lock_timeout"]
    return Terms(
        home=home(flags),
        any_file_system=flags["unsafe_state_fs"],
        lock_timeout_s=0 if timeout is None else parse_duration(timeout),
        drain_s=parse_duration(flags["drain"]),
    )


def home(flags: Mapping[str, Any]) -> Home:
    return state.home(flags["state"], flags["state_dir"], os.environ)
