"""One file a command. COMMANDS names the module of each; none imports what it uses before it runs."""

COMMANDS: dict[str, str] = {
    "plan": "enforcer.cli.commands.plan",
    "apply": "enforcer.cli.commands.apply",
    "check": "enforcer.cli.commands.check",
    "explain": "enforcer.cli.commands.explain",
    "impact": "enforcer.cli.commands.impact",
    "init": "enforcer.cli.commands.init",
    "tasks": "enforcer.cli.commands.tasks",
    "runs": "enforcer.cli.commands.runs",
    "history": "enforcer.cli.commands.history",
    "budget": "enforcer.cli.commands.budget",
    "contested": "enforcer.cli.commands.contested",
    "lock": "enforcer.cli.commands.lock",
    "override": "enforcer.cli.commands.override",
    "doctor": "enforcer.cli.commands.doctor",
    "incident": "enforcer.cli.commands.incident",
    "demo": "enforcer.cli.commands.demo",
    "simulator": "enforcer.cli.commands.simulator",
    "completion": "enforcer.cli.commands.completion",
    "schema": "enforcer.cli.commands.schema",
    "help": "enforcer.cli.commands.help",
}
"""Each module has a click command named ``command``."""
