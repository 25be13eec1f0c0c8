"""Of many problems alike a person is shown the first and a count, and every other kind with them."""

from enforcer.cli.terminal.problems import ALIKE, told
from enforcer.errors import Problem


def a_problem(line: int, message: str) -> Problem:
    return Problem(file="p.yaml", line=line, column=3, message=message)


def test_a_slip_that_is_repeated_does_not_hide_the_others():
    many = [a_problem(line, f"id 'r{line}' is taken; p.yaml:{line - 1} has it already") for line in range(2, 502)]
    other = a_problem(400, "unknown key 'mod'; expected id or mode")

    shown = list(told(sorted([*many, other])))

    assert shown[:-1] == [*map(str, many[:ALIKE]), str(other)]
    assert shown[-1] == "... and 490 more like p.yaml:2:3; `enforcer check POLICY --format json` lists them"


def test_as_many_as_are_shown_leave_nothing_to_count():
    few = [a_problem(line, "no 'match' in a rule") for line in range(ALIKE)]

    assert list(told(few)) == [*map(str, few)]


def test_a_problem_cannot_write_to_the_terminal():
    [shown] = told([a_problem(1, "unknown key '\x1b[31m\u202e'")])

    assert shown.isprintable()
