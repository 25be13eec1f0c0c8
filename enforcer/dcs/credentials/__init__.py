"""Where credentials come from: one file for each source, and the table of them in the order of trying.

No message holds a value.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct

from enforcer.core.text.endpoint import check_endpoint
from enforcer.dcs.access.identity import Credentials
from enforcer.dcs.access.renewal import Identity
from enforcer.dcs.credentials import env, files, metadata, profile, sdk
from enforcer.errors import ConfigError


def _always(_environ: Mapping[str, str]) -> bool:
    return True


def _nothing(_environ: Mapping[str, str], _home: Path) -> dict[str, str]:
    return {}


class Source(Struct, frozen=True, kw_only=True):
    """A place to look for credentials."""

    find: Callable[[Mapping[str, str], Path], Credentials | None]
    """Return what is there, None for nothing; raise ConfigError for a half of it or for what is unusable. May block."""
    looked_for: str
    """What *find* looks for, for people."""
    hint: str
    """How to have credentials there."""
    is_likely: Callable[[Mapping[str, str]], bool] = _always
    """Whether to look there if nobody named the source: where looking takes long, or asks a stranger."""
    surroundings: Callable[[Mapping[str, str], Path], dict[str, str]] = _nothing
    """Return what stands beside its credentials of region, project_id and iam_endpoint."""


SOURCES: Final[dict[str, Source]] = {
    "env": Source(find=env.find, looked_for=env.LOOKED_FOR, hint=env.HINT),
    "files": Source(find=files.find, looked_for=files.LOOKED_FOR, hint=files.HINT, surroundings=files.surroundings),
    "profile": Source(
        find=profile.find, looked_for=profile.LOOKED_FOR, hint=profile.HINT, surroundings=profile.surroundings
    ),
    "metadata": Source(
        find=metadata.find, looked_for=metadata.LOOKED_FOR, hint=metadata.HINT, is_likely=metadata.is_likely
    ),
    "sdk": Source(find=sdk.find, looked_for=sdk.LOOKED_FOR, hint=sdk.HINT, is_likely=sdk.is_likely),
}


def identify(source: str | None, environ: Mapping[str, str], home: Path) -> Identity:
    """Return who asks, by `find`; renewed from where it was found. Raises ConfigError as *find* does."""
    credentials = find(source, environ, home)
    return Identity(credentials, partial(find, credentials.source, environ, home))


def find(
    source: str | None, environ: Mapping[str, str], home: Path, *, sources: Mapping[str, Source] = SOURCES
) -> Credentials:
    """
    Return the credentials of *source*, or of the first likely source that has some if it is None.

    May block, and is not to be called where a loop runs. Raises ConfigError if there are none, if one of a
    pair is missing, or if a value cannot be used.
    """
    if source is not None and source not in sources:
        raise ConfigError(f"there is no credential source {source!r}", hint=f"There are: {', '.join(sources)}.")
    names = [name for name in sources if source is None or name == source]
    for name in names:
        if source is None and not sources[name].is_likely(environ):
            continue
        credentials = sources[name].find(environ, home)
        if credentials is not None:
            return credentials
    looked_for = "; ".join(f"{name}: {sources[name].looked_for}" for name in names)
    raise ConfigError(f"no credentials found; looked for {looked_for}", hint=sources[names[0]].hint)


class Surroundings(Struct, frozen=True, kw_only=True):
    """What else the environment and the profile say of the place to work in; None: nothing."""

    region: str | None = None
    project_id: str | None = None
    iam_endpoint: str | None = None


def surroundings(environ: Mapping[str, str], home: Path, *, source: str) -> Surroundings:
    """
    Return the region, project and IAM endpoint that go with credentials of *source*.

    The environment's names come first. Of the other sources only *source* is read: its project belongs to
    its own key. Raises ConfigError if that cannot be read, or if nothing may be sent to the endpoint.
    """
    found = SOURCES[source].surroundings(environ, home) | env.surroundings(environ)
    _check(found.get("iam_endpoint"))
    return Surroundings(**found)


def _check(iam_endpoint: str | None) -> None:
    if iam_endpoint is None:
        return
    try:
        check_endpoint(iam_endpoint)
    except ValueError as error:
        raise ConfigError(f"the IAM endpoint of the environment or the profile: {error}") from None
