"""Options that several commands share, each declared once. Every one has an environment name, ENFORCER_…."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from enforcer.cli.flags import completing, helping
from enforcer.core.text.moment import parse_time
from enforcer.core.text.quantity import parse_duration, parse_rate
from enforcer.model.notify import Notify

Command = TypeVar("Command", bound=Callable[..., Any])


class Checked(click.ParamType[str]):
    """A text that *check* accepts; its ValueError is the usage error."""

    def __init__(self, name: str, check: Callable[[str], Any]) -> None:
        self.name = name
        self._check = check

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            self._check(value)
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)
        return value


def check_name(text: str) -> None:
    """Raise ValueError if *text* can be no name of an override or an incident."""
    import re

    from enforcer.core.overrides.ledger import OVERRIDE_ID_PATTERN

    if not re.fullmatch(OVERRIDE_ID_PATTERN, text):
        raise ValueError("expected 1 to 64 letters, digits, dots, _ or -, a letter or digit first")


def check_only(text: str) -> None:
    """Raise ValueError if *text* is no pattern."""
    from enforcer.core.patterns.pattern import parse

    parse(text)


def check_reason(text: str) -> None:
    """Raise ValueError if *text* gives no reason, or more than a report has room for."""
    if not text.strip() or len(text) > 1000:
        raise ValueError("expected 1 to 1000 characters, not all of them blank")


def check_shard(text: str) -> None:
    """Raise ValueError if *text* is no shard."""
    from enforcer.core.rollout.sharding import parse_shard

    parse_shard(text)


def _refuse_password(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a password on the command line, which every user of the machine can read; the environment may hold one."""
    said = context.get_parameter_source(parameter.name or "")
    if value is not None and "@" in value and said is ParameterSource.COMMANDLINE:
        raise click.BadParameter(f"a flag takes no user or password; put the URL in {parameter.envvar} instead")
    return value


def check_pushgateway(text: str) -> None:
    """Raise ValueError if *text* is no address of a Pushgateway."""
    from enforcer.core.text import endpoint

    endpoint.check_pushgateway(text)


def _check_server(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse what is no server's URL, and a password on the command line, which every user of the machine can read."""
    from enforcer.core.text.database_url import check_database_url, has_password

    if value is None:
        return None
    try:
        check_database_url(value)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong)) from None
    said = context.get_parameter_source(parameter.name or "")
    if said is ParameterSource.COMMANDLINE and has_password(value):
        raise click.BadParameter(
            "a flag takes no password; put it into a password file or PGPASSWORD, or the whole URL into ENFORCER_STATE"
        )
    return value


RATE = Checked("rate", parse_rate)
SHARD = Checked("shard", check_shard)
DURATION = Checked("duration", parse_duration)
TEXT = Checked("reason", check_reason)
PUSHGATEWAY = Checked("url", check_pushgateway)
PATTERN = Checked("glob", check_only)
TIME = Checked("time", parse_time)
NAME = Checked("name", check_name)
PATH = click.Path(readable=False)
"""Whether it can be read is said by what reads it, with its own exit code: click's would be 64."""


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
    option("--ca-file", group="place", type=PATH, help="CA certificates to trust, instead of the system's."),
    option(
        "--proxy",
        group="place",
        metavar="URL",
        callback=_refuse_password,
        help="HTTP proxy, without a password. By default HTTPS_PROXY, minus NO_PROXY.",
    ),
)
expiry = _group(
    option("--for", "lasts", type=DURATION, help="How long it holds: 90m, 6h. This or --until."),
    option("--until", type=TIME, metavar="TIME", help="Until when it holds, like 2030-12-31T06:00:00Z. This or --for."),
)
pace = _group(
    option(
        "--rate", group="pace", type=RATE, help="Request starts per target: 5/s, 60/m, unlimited. Beats the policy."
    ),
    option(
        "--concurrency",
        group="pace",
        type=click.IntRange(1, 256),
        help="Requests in flight per target. Beats the policy.",
    ),
    option("--deadline", group="pace", type=DURATION, help="When to stop: 90s, 15m, 2h. Beats the policy."),
)
run = _group(
    option(
        "--only",
        multiple=True,
        type=PATTERN,
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
        type=TEXT,
        metavar="REASON",
        help="Pass freeze and budgets, but not the rate; the reason stands at the top of the report.",
    ),
    option(
        "--accept-inventory",
        type=(click.IntRange(0), TEXT),
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
        type=SHARD,
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
        type=DURATION,
        default="20s",
        show_default=True,
        help="How long the read-back waits for a change to show.",
    ),
    option("--report-dir", group="reports", type=PATH, help="Where to write the reports; by default the run's folder."),
    notify,
)
receivers = _group(
    option(
        "--push-metrics",
        type=PUSHGATEWAY,
        metavar="URL",
        callback=_refuse_password,
        help="Push the metrics to this Pushgateway. Needs the extra `push`.",
    ),
    option(
        "--otel",
        is_flag=True,
        help="Send metrics and a trace where OTEL_EXPORTER_OTLP_ENDPOINT says. Needs the extra `otel`.",
    ),
)
revisiting = _group(
    option("--policy", type=PATH, help="Whose limits count; by default the policy that RUN remembers."),
)
state = _group(
    option(
        "--state",
        group="state",
        metavar="URL",
        callback=_check_server,
        help="Keep the journal and the locks on this server, for many hosts: postgresql://USER@HOST/DATABASE. No "
        "password.",
    ),
    option("--state-dir", group="state", type=PATH, help="Where the journal and the reports are kept."),
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
        type=DURATION,
        help="How long to wait for another run to end. By default not at all: exit 75.",
    ),
    option(
        "--drain",
        group="state",
        type=DURATION,
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
    option("--log-file", group="log", type=PATH, help="Append the log to this file instead of stderr."),
    option("--no-color", group="log", is_flag=True, help="No colours; NO_COLOR does the same."),
)
