"""What an option or an argument may be: text that is checked as it is read, so that what is wrong is a usage error.

What a check needs beyond that is imported when there is something to check: help shows all of them.
"""

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from enforcer.core.text.moment import parse_time
from enforcer.core.text.quantity import parse_duration, parse_rate


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


def _check_name(text: str) -> None:
    """Raise ValueError if *text* can be no name of an override or an incident."""
    import re

    from enforcer.core.overrides.ledger import OVERRIDE_ID_PATTERN

    if not re.fullmatch(OVERRIDE_ID_PATTERN, text):
        raise ValueError("expected 1 to 64 letters, digits, dots, _ or -, a letter or digit first")


def _check_only(text: str) -> None:
    """Raise ValueError if *text* is no pattern."""
    from enforcer.core.patterns.pattern import parse

    parse(text)


def _check_reason(text: str) -> None:
    """Raise ValueError if *text* gives no reason, or more than a report has room for."""
    if not text.strip() or len(text) > 1000:
        raise ValueError("expected 1 to 1000 characters, not all of them blank")


def _check_shard(text: str) -> None:
    """Raise ValueError if *text* is no shard."""
    from enforcer.core.rollout.sharding import parse_shard

    parse_shard(text)


def no_password(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a password on the command line, which every user of the machine can read; the environment may hold one."""
    said = context.get_parameter_source(parameter.name or "")
    if value is not None and "@" in value and said is ParameterSource.COMMANDLINE:
        raise click.BadParameter(f"a flag takes no user or password; put the URL in {parameter.envvar} instead")
    return value


def _check_pushgateway(text: str) -> None:
    """Raise ValueError if *text* is no address of a Pushgateway."""
    from enforcer.core.text import endpoint

    endpoint.check_pushgateway(text)


def server_url(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
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
SHARD = Checked("shard", _check_shard)
DURATION = Checked("duration", parse_duration)
TEXT = Checked("reason", _check_reason)
PUSHGATEWAY = Checked("url", _check_pushgateway)
PATTERN = Checked("glob", _check_only)
TIME = Checked("time", parse_time)
NAME = Checked("name", _check_name)
PATH = click.Path(readable=False)
"""Whether it can be read is said by what reads it, with its own exit code: click's would be 64."""
