"""Where credentials come from: one file for each source, and the table of them in the order of trying.

No source asks the network, and no message holds a value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enforcer.core.endpoint import check_endpoint
from enforcer.dcs.credentials import env, profile
from enforcer.dcs.identity import Credentials
from enforcer.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place to look for credentials."""

    find: Callable[[Mapping[str, str], Path], Credentials | None]
    """Return what is there, None for nothing; raise ConfigError for a half of it or for what is unusable."""
    looked_for: str
    """What *find* looks for, for people."""


SOURCES: Final[dict[str, Source]] = {
    "env": Source(find=env.find, looked_for=env.LOOKED_FOR),
    "profile": Source(find=profile.find, looked_for=profile.LOOKED_FOR),
}


def find(source: str | None, environ: Mapping[str, str], home: Path) -> Credentials:
    """
    Return the credentials of *source*, or of the first source that has some if it is None.

    Raises ConfigError if there are none, if one of a pair is missing, or if a value cannot be used.
    """
    if source is not None and source not in SOURCES:
        raise ConfigError(f"there is no credential source {source!r}", hint=f"There are: {', '.join(SOURCES)}.")
    names = tuple(SOURCES) if source is None else (source,)
    for name in names:
        credentials = SOURCES[name].find(environ, home)
        if credentials is not None:
            return credentials
    looked_for = "; ".join(f"{name}: {SOURCES[name].looked_for}" for name in names)
    raise ConfigError(
        f"no credentials found; looked for {looked_for}",
        hint="Set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What else the environment and the profile say of the place to work in; None: nothing."""

    region: str | None = None
    project_id: str | None = None
    iam_endpoint: str | None = None


def surroundings(environ: Mapping[str, str], home: Path, *, source: str | None = None) -> Surroundings:
    """
    Return the region, project and IAM endpoint that go with credentials of *source*.

    The environment's names come before the profile's. The profile is not read for credentials of
    another source than itself (*source* None: it is): its project belongs to its own key. Raises
    ConfigError if the profile cannot be read, or if nothing may be sent to the endpoint.
    """
    places = [env.surroundings(environ)]
    if source in {None, "profile"}:
        places.append(profile.surroundings(environ, home))
    found: dict[str, str] = {}
    for place in reversed(places):
        found.update(place)
    _check(found.get("iam_endpoint"))
    return Surroundings(**found)


def _check(iam_endpoint: str | None) -> None:
    if iam_endpoint is None:
        return
    try:
        check_endpoint(iam_endpoint)
    except ValueError as error:
        raise ConfigError(f"the IAM endpoint of the environment or the profile: {error}") from None
