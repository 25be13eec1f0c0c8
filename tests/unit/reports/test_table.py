"""Tables on terminals of any width: nothing is cut, and what stands side by side stays aligned."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from enforcer.reports.table import aligned, folded

ROWS = [
    ("run", "command", "started"),
    ("20261125T021500Z-7f3a2c", "apply", "2026-11-25T02:15:00.113Z"),
    ("20261124T021500Z-8ce77b", "runs undo", "2026-11-24T02:15:00.020Z"),
]
CELLS = st.text("abc 漢é", max_size=12).map(str.strip)


def test_without_a_terminal_each_row_is_a_line():
    assert aligned(ROWS) == [
        "run                      command    started",
        "20261125T021500Z-7f3a2c  apply      2026-11-25T02:15:00.113Z",
        "20261124T021500Z-8ce77b  runs undo  2026-11-24T02:15:00.020Z",
    ]
    assert aligned(ROWS, width=60) == aligned(ROWS)


def test_columns_that_do_not_fit_go_on_below_in_each_row_alike():
    assert aligned(ROWS, width=59) == [
        "run                      command",
        "    started",
        "20261125T021500Z-7f3a2c  apply",
        "    2026-11-25T02:15:00.113Z",
        "20261124T021500Z-8ce77b  runs undo",
        "    2026-11-24T02:15:00.020Z",
    ]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=5), st.integers(16, 70))
def test_nothing_is_cut_and_every_line_fits(rows, width):
    lines = aligned(rows, width=width)

    assert all(cell_len(line) <= width or cell_len(line.strip()) > width - 4 for line in lines)
    assert "".join("".join(rows_) for rows_ in rows).replace(" ", "") == "".join(lines).replace(" ", "")


def test_a_line_that_is_too_long_goes_on_from_a_gap_and_a_command_stays_whole():
    command = "enforcer apply policies/nightly.yaml --only 'pay-orders-*' --state-dir /var/lib/enforcer"
    line = f"  Nothing was sent.  To do it: {command}"

    assert folded([line, "short"], 80) == ["  Nothing was sent.", f"      To do it: {command}", "short"]
    assert folded([line], 200) == [line]
    assert folded([command], 20) == [command]
