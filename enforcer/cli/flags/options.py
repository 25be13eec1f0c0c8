"""Options that several commands share, each declared once. Every one has an environment name, ENFORCER_…."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from enforcer.cli.flags import completing, helping, values
from enforcer.model.notify import Notify

Command = TypeVar("Command", bound=Callable[..., Any])


def option(flag: str, *names: str, group: str | None = None, **details: Any) -> Callable[[Command], Command]:
    """Return a click option that can also be set as ENFORCER_FLAG; *group* is one of `helping`."""
    name = flag.removeprefix("--").partition("/")[0].replace("-", "_").upper()
    return click.option(
        flag, *names, cls=helping.Option, group=group, envvar=f"ENFORCER_{name}", show_envvar=True, **details
    )


def form(names: Sequence[str]) -> Callable[[Command], Command]:
    """Return the option --format with *names* to choose from, the first by default."""
    return option(
        "--format",
        "form",
        type=click.Choice(names),
        metavar="FORMAT",
        default=names[0],
        show_default=True,
        help=f"How to print it: {', '.join(names[:-1])} or {names[-1]}.",
    )


def _group(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def add_all(command: Command) -> Command:
        for decorate in reversed(decorators):
            command = decorate(command)
        return command

    return add_all


connection = _group(
    option(
        "--target",
        group="place",
        multiple=True,
        metavar="NAME",
        shell_complete=completing.targets,
        help="Only this target of the policy; can be repeated.",
    ),
    option("--region", group="place", help="Region of the one target, like eu-west-101."),
    option("--project-id", group="place", help="Project of the one target."),
    option("--endpoint", group="place", metavar="URL", help="DCS endpoint; by default that of the region."),
    option(
        "--iam-endpoint", group="place", metavar="URL", help="IAM endpoint, for passwords and for finding the project."
    ),
    option(
        "--credentials",
        group="place",
        metavar="SOURCE",
        help="Where keys come from: env, files, profile, metadata or sdk. By default the first that has some.",
    ),
    option("--ca-file", group="place", type=values.PATH, help="CA certificates to trust, instead of the system's."),
    option(
        "--proxy",
        group="place",
        metavar="URL",
        callback=values.no_password,
        help="HTTP proxy, without a password. By default HTTPS_PROXY, minus NO_PROXY.",
    ),
)
expiry = _group(
    option("--for", "lasts", type=values.DURATION, help="How long it holds: 90m, 6h. This or --until."),
    option(
        "--until",
        type=values.TIME,
        metavar="TIME",
        help="Until when it holds, like 2030-12-31T06:00:00Z. This or --for.",
    ),
)
pace = _group(
    option(
        "--rate",
        group="pace",
        type=values.RATE,
        help="Request starts per target: 5/s, 60/m, unlimited. Beats the policy.",
    ),
    option(
        "--concurrency",
        group="pace",
        type=click.IntRange(1, 256),
        help="Requests in flight per target. Beats the policy.",
    ),
    option("--deadline", group="pace", type=values.DURATION, help="When to stop: 90s, 15m, 2h. Beats the policy."),
)
run = _group(
    option(
        "--only",
        multiple=True,
        type=values.PATTERN,
        metavar="GLOB",
        help="Only tasks whose id or name matches; can be repeated.",
    ),
    pace,
    option(
        "--allow-partial",
        is_flag=True,
        help="If a limit is passed, send the first changes that fit and defer the rest, instead of refusing all.",
    ),
    option(
        "--break-glass",
        type=values.TEXT,
        metavar="REASON",
        help="Pass freeze and budgets, but not the rate; the reason stands at the top of the report.",
    ),
    option(
        "--accept-inventory",
        type=(click.IntRange(0), values.TEXT),
        multiple=True,
        metavar="N REASON",
        help="Take a list of exactly N tasks for the whole, though it is short or odd; can be repeated.",
    ),
    option("--max-changes", type=click.IntRange(0), metavar="N", help="Refuse if the plan has more changes than N."),
)
shard = _group(
    option(
        "--shard",
        group="place",
        type=values.SHARD,
        metavar="I/N",
        help="Carry out part I, from 0, of N: a share of the targets, of the rate and of the requests in flight. "
        "Guards judge the whole.",
    ),
)
notify = _group(
    option(
        "--notify",
        type=click.Choice([each.value for each in Notify]),
        metavar="WHEN",
        help="When to tell people of the run: always, change or never. Beats the policy.",
    ),
)
sending = _group(
    option("--yes", is_flag=True, help="Do not ask; for scheduled runs."),
    option(
        "--settle",
        group="pace",
        type=values.DURATION,
        default="20s",
        show_default=True,
        help="How long the read-back waits for a change to show.",
    ),
    option(
        "--report-dir",
        group="reports",
        type=values.PATH,
        help="Where to write the reports; by default the run's folder.",
    ),
    notify,
)
receivers = _group(
    option(
        "--push-metrics",
        type=values.PUSHGATEWAY,
        metavar="URL",
        callback=values.no_password,
        help="Push the metrics to this Pushgateway. Needs the extra `push`.",
    ),
    option(
        "--otel",
        is_flag=True,
        help="Send metrics and a trace where OTEL_EXPORTER_OTLP_ENDPOINT says. Needs the extra `otel`.",
    ),
)
revisiting = _group(
    option("--policy", type=values.PATH, help="Whose limits count; by default the policy that RUN remembers."),
)
state = _group(
    option(
        "--state",
        group="state",
        metavar="URL",
        callback=values.server_url,
        help="Keep the journal and the locks on this server, for many hosts: postgresql://USER@HOST/DATABASE. No "
        "password.",
    ),
    option("--state-dir", group="state", type=values.PATH, help="Where the journal and the reports are kept."),
)
journal = _group(
    state,
    option(
        "--unsafe-state-fs",
        group="state",
        is_flag=True,
        help="Allow a state directory on a network file system, at your own risk.",
    ),
)
terms = _group(
    journal,
    option(
        "--lock-timeout",
        group="state",
        type=values.DURATION,
        help="How long to wait for another run to end. By default not at all: exit 75.",
    ),
    option(
        "--drain",
        group="state",
        type=values.DURATION,
        default="30s",
        show_default=True,
        help="How long to wait for requests in flight when the run is stopped.",
    ),
)
log = _group(
    option(
        "--log-level",
        group="log",
        type=click.Choice(["debug", "info", "warning", "error"]),
        help="By default warning on a terminal, info elsewhere.",
    ),
    option(
        "--log-format",
        group="log",
        type=click.Choice(["auto", "json", "console"]),
        default="auto",
        show_default=True,
        help="auto: console on a terminal, JSON lines elsewhere.",
    ),
    option("--log-file", group="log", type=values.PATH, help="Append the log to this file instead of stderr."),
    option("--no-color", group="log", is_flag=True, help="No colours; NO_COLOR does the same."),
)
