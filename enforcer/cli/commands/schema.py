"""``enforcer schema``: the policy language as a JSON Schema on stdout."""

from enforcer.cli.flags import helping
from enforcer.cli.terminal import screen


@helping.command(
    "schema",
    exits=helping.FILES,
    example="enforcer schema > policies/policy.schema.json",
)
def command() -> None:
    """Print the JSON Schema of policy files, for editors.

    Begin a policy with this line, and an editor that knows YAML checks it while you type:

    # yaml-language-server: $schema=./policy.schema.json
    """
    import msgspec

    from enforcer.policyfile import schema

    screen.show(msgspec.json.format(msgspec.json.encode(schema.document()), indent=2).decode())
