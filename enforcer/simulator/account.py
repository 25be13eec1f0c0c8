"""The one customer of the simulator: made-up names, keys and projects; none is good anywhere else."""

from dataclasses import dataclass, replace

from enforcer.simulator.chance import hexadecimal

REGION = "sim-region-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    region: str
    project_id: str
    """The project that has the region's name, and all migration tasks."""
    other_project_id: str
    """A sub-project without migration tasks; a token for it opens nothing in the first."""
    ak: str
    sk: str
    security_token: str | None
    """Has to come with every signed request if the keys are temporary; None for permanent keys."""
    user: str
    password: str
    domain: str
    domain_id: str

    @property
    def projects(self) -> dict[str, str]:
        """Project names by id."""
        return {self.project_id: self.region, self.other_project_id: f"{self.region}_archive"}


def permanent(seed: int) -> Account:
    """Return the account of *seed*, with an access key that does not expire."""
    return Account(
        region=REGION,
        project_id=hexadecimal(32, seed, "project"),
        other_project_id=hexadecimal(32, seed, "other project"),
        ak=f"SIM{hexadecimal(17, seed, 'ak').upper()}",
        sk=f"SimSecret{hexadecimal(31, seed, 'sk')}",
        security_token=None,
        user="sim-operator",
        password=f"Sim-{hexadecimal(16, seed, 'password')}",
        domain="sim-account",
        domain_id=hexadecimal(32, seed, "domain"),
    )


def temporary(seed: int) -> Account:
    """Return the account of *seed*, with keys that need their security token in each request."""
    lasting = permanent(seed)
    return replace(
        lasting,
        ak=f"HST{lasting.ak.removeprefix('SIM')}",
        security_token=f"SimToken{hexadecimal(96, seed, 'security token')}+/==",
    )
