"""The API: who asks, and how each place is reached."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from enforcer.core.text.endpoint import check_proxy
from enforcer.errors import ConfigError

if TYPE_CHECKING:
    from enforcer.cli.targets import Connection, Place, Surroundings
    from enforcer.dcs.access.identity import Credentials
    from enforcer.model.limits import Limits
    from enforcer.model.policy import Policy
    from enforcer.ports import TaskApi

_CERTIFICATE_WITHIN_S: Final = 5.0


class Cloud:
    """The way to the API: who asks, and how each place is reached."""

    def __init__(self, connection: Connection, environ: Mapping[str, str] | None = None) -> None:
        """Find the credentials that *connection* asks for; raise ConfigError if there are none to use."""
        from enforcer.dcs.credentials import identify

        self._connection = connection
        self._environ = os.environ if environ is None else environ
        self._identity = identify(connection.credentials, self._environ, Path.home())

    @property
    def credentials(self) -> Credentials:
        """Who asks."""
        return self._identity.credentials

    @property
    def trusts(self) -> str:
        """Which CAs servers are checked by, for people."""
        return f"those of {self._connection.ca_file}" if self._connection.ca_file else "the system's CAs"

    def check_trust(self) -> None:
        """Raise ConfigError if no server could be trusted."""
        from enforcer.dcs.network.tls import tls_context

        tls_context(self._connection.ca_file)

    async def certificate(self, endpoint: str) -> str | None:
        """Return what the certificate of *endpoint* says of itself, in words; None if that cannot be told."""
        from enforcer.dcs.network.certificate import shown_by

        parts = urlsplit(endpoint)
        return await shown_by(parts.hostname or "", parts.port or 443, within_s=_CERTIFICATE_WITHIN_S)

    def surroundings(self) -> Surroundings:
        """Return what the environment and the profile say of the place to work in."""
        from enforcer.dcs.credentials import surroundings

        around = surroundings(self._environ, Path.home(), source=self._identity.source)
        from enforcer.cli.targets import Surroundings

        return Surroundings(region=around.region, project_id=around.project_id, iam_endpoint=around.iam_endpoint)

    def places(self, policy: Policy, limits: Limits) -> tuple[Place, ...]:
        """Return the places to work on; raise UsageError or ConfigError if they cannot be told."""
        from enforcer.cli.targets import resolve
        from enforcer.dcs.api.endpoints import endpoint_for

        return resolve(policy, self._connection, limits, self.surroundings(), endpoint_for=endpoint_for)

    @asynccontextmanager
    async def connect(self, place: Place) -> AsyncIterator[tuple[TaskApi, str]]:
        """Yield the API of *place* and its project id; raise an EnforcerError if it cannot be made ready."""
        from enforcer.dcs.client import connect

        async with connect(
            target_name=place.name,
            endpoint=place.endpoint,
            iam_endpoint=place.iam_endpoint,
            region=place.region,
            project_id=place.project_id,
            identity=self._identity,
            ca_file=self._connection.ca_file,
            proxy=self.proxy_for(place.endpoint),
        ) as client:
            yield client, client.project_id

    def proxy_for(self, endpoint: str) -> str | None:
        """Return --proxy, else what HTTPS_PROXY and NO_PROXY say of the endpoint's host; never one for loopback."""
        parts = urlsplit(endpoint)
        if parts.scheme == "http":
            return None
        if self._connection.proxy:
            return _checked_proxy(self._connection.proxy, "--proxy")
        # Some 20 ms, which commands without a network need not take.
        from urllib.request import getproxies, proxy_bypass

        found = None if proxy_bypass(parts.hostname or "") else getproxies().get("https")
        return _checked_proxy(found, "HTTPS_PROXY") if found else None


def _checked_proxy(url: str, origin: str) -> str:
    try:
        return check_proxy(url)
    except ValueError as wrong:
        raise ConfigError(f"{origin}: {wrong}") from None
