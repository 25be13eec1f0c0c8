"""One module a command, called as the command is, which has a click command named ``command``.

Only the one that is asked for is imported, and none imports what it uses before it runs.
"""

COMMANDS: dict[str, str] = {
    "plan": "Show what would change, and why; send nothing",
    "apply": "Make every task as the policy says, and read it back",
    "check": "Validate a policy, look for mistakes, run its tests",
    "explain": "Show why a task gets its mode, and what else could win",
    "impact": "Show what an edit of a policy moves, apart from drift",
    "init": "Write a starter policy whose first plan is empty",
    "tasks": "List the migration tasks, or save them for other commands",
    "runs": "List, show, compare, finish and take back past runs",
    "history": "Show what runs did about one task",
    "budget": "Show what is left of the day budgets, and when it frees",
    "contested": "Show and clear tasks that somebody else keeps resetting",
    "lock": "Show who holds the lock of each project",
    "override": "Add, show and end exceptions with a reason and an end",
    "doctor": "Look at everything that a run needs, line by line",
    "incident": "Make tasks manual now, and bring them back in order",
    "demo": "See a plan, an apply and a report on a simulated cloud",
    "simulator": "Serve a local DCS and IAM with made-up tasks and faults",
    "completion": "Print the completion script of bash, zsh or fish",
    "schema": "Print the JSON Schema of policies, for editors",
    "help": "Tell everything about a command, as its --help-all does",
}
"""Each command with its line in the list of them, which needs none of the modules."""
