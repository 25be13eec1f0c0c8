"""``enforcer simulator``: flags to the simulator's settings; what they do is the simulator's business."""

import functools
import shlex
from collections.abc import Callable
from typing import Any

import click

from enforcer.cli.flags import helping
from enforcer.errors import ConfigError
from enforcer.simulator import quantities
from enforcer.simulator.settings import Settings

_DEFAULTS = Settings()


def _quantity(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return *read* as a type of click, which shows the reason only of its own errors."""

    @functools.wraps(read)
    def convert(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


_DURATION = _quantity(quantities.duration)
_SHARE = _quantity(quantities.share)
_RATE = _quantity(quantities.rate)
_NUMBER = click.IntRange(min=0)


def _option(
    flag: str, *names: str, group: str | None = None, **settings: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return an option that also has an environment name, shown in the help."""
    envvar = f"ENFORCER_SIMULATOR{flag.replace('-', '_').upper()[1:]}"
    return click.option(flag, *names, cls=helping.Option, group=group, envvar=envvar, show_envvar=True, **settings)


@helping.command(
    "simulator",
    exits=helping.FILES,
    example="enforcer simulator --port 8080 --tasks 60 --drift 20% --limit 20/s --latency 50ms --fail 5%",
)
@_option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; 0 takes any free one.")
@_option("--tasks", type=_NUMBER, default=_DEFAULTS.tasks, show_default=True, help="How many migration tasks.")
@_option(
    "--drift",
    type=_SHARE,
    default="0%",
    show_default=True,
    help="Share of the tasks governed by policies/nightly.yaml (running; pay-* auto; *-wan-*, dr-*, cache-* manual) "
    "that start with the other mode: a third of them to be made auto, the rest manual.",
)
@_option("--seed", type=int, default=_DEFAULTS.seed, show_default=True, help="Decides names, ids, keys and chances.")
@_option("--limit", type=_RATE, help="Requests let through in any window, such as 20/s; more get 429.")
@_option(
    "--retry-after",
    group="delays",
    type=_NUMBER,
    help="Seconds in the Retry-After header of each 429; without: no header.",
)
@_option("--latency", type=_DURATION, default="0s", show_default=True, help="Each answer is held back this long.")
@_option(
    "--jitter", group="delays", type=_SHARE, default="0%", show_default=True, help="Share by which the latency varies."
)
@_option("--fail", type=_SHARE, default="0%", show_default=True, help="Share of PUTs answered 500, 502 or 503.")
@_option(
    "--ack-without-apply",
    group="faults",
    type=_SHARE,
    default="0%",
    show_default=True,
    help="Share of PUTs answered 200 and not stored.",
)
@_option(
    "--vanish",
    group="faults",
    type=_NUMBER,
    default=_DEFAULTS.vanish,
    show_default=True,
    help="The first so many tasks that get a PUT turn out to be deleted.",
)
@_option(
    "--deny-after", group="faults", type=_NUMBER, help="After so many requests no credentials are accepted any more."
)
@_option(
    "--full-sync-share",
    group="faults",
    type=_SHARE,
    default="0%",
    show_default=True,
    help="Share of the tasks switched to auto that go through FULLMIGRATING.",
)
@_option(
    "--full-sync-for",
    group="faults",
    type=_DURATION,
    default="60s",
    show_default=True,
    help="How long they stay in FULLMIGRATING.",
)
@_option(
    "--missing-mode",
    group="faults",
    type=_SHARE,
    default="0%",
    show_default=True,
    help="Share of list rows without resume_mode; the details have it.",
)
@_option(
    "--max-page",
    group="delays",
    type=click.IntRange(1, 1000),
    default=_DEFAULTS.max_page,
    show_default=True,
    help="Most rows on one list page, however many were asked for.",
)
@_option(
    "--hostile",
    group="faults",
    is_flag=True,
    help="Add rows with hostile names and ids, and with missing or unknown fields.",
)
@_option(
    "--token-for", group="keys", type=_DURATION, default="24h", show_default=True, help="How long an IAM token is good."
)
@_option("--temporary-keys", group="keys", is_flag=True, help="The keys need their security token in each request.")
@_option("--for", "duration", type=_DURATION, help="Stop after this time.")
@_option("--export", is_flag=True, help="Print it as lines for a shell that set the environment of other commands.")
@_option("--stop-with-stdin", is_flag=True, help="Stop when standard input ends, so that it dies with its parent.")
def command(*, port: int, duration: float | None, stop_with_stdin: bool, export: bool, **flags: Any) -> None:
    """Serve a local DCS and IAM with made-up tasks, limits and faults.

    It listens on 127.0.0.1 only, and prints one JSON line with endpoint, iam_endpoint, region, project_id,
    ak, sk, user, password and domain when it does. It serves until SIGINT or SIGTERM.
    GET /_simulator/requests, /_simulator/tasks and /_simulator/load tell what it was sent and what became of it;
    POST /_simulator/tasks/ID sets fields of a task.
    """
    import asyncio

    from enforcer.simulator.serve import CannotListenError, serve

    try:
        asyncio.run(
            serve(
                Settings(**flags),
                _export if export else _announce,
                port=port,
                duration=duration,
                stdin_holds=stop_with_stdin,
            )
        )
    except CannotListenError as error:
        raise ConfigError(str(error), hint="Take another port, or --port 0 for any free one.") from None


def _announce(line: dict[str, str]) -> None:
    import msgspec

    print(msgspec.json.encode(line).decode(), flush=True)


def _export(line: dict[str, str]) -> None:
    names = {
        "HUAWEICLOUD_SDK_AK": "ak",
        "HUAWEICLOUD_SDK_SK": "sk",
        "HUAWEICLOUD_SDK_PROJECT_ID": "project_id",
        "HW_REGION_NAME": "region",
        "ENFORCER_ENDPOINT": "endpoint",
        "ENFORCER_IAM_ENDPOINT": "iam_endpoint",
    }
    print("\n".join(f"export {name}={shlex.quote(line[key])}" for name, key in names.items()), flush=True)
