"""The impact of an edit, as it is posted on a pull request."""

from enforcer.core.authoring.impact import impact
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.model.rule import PolicyMode
from enforcer.reports.impact import render
from tests.wishes import NOW, a_policy, a_task

OLD = a_policy(default=PolicyMode.MANUAL)
NEW = a_policy(default=PolicyMode.AUTO)


def posted(*names):
    tasks = [a_task(f"{number:032x}", task_name=name) for number, name in enumerate(names)]
    return render(impact(tasks, (OLD, NO_OVERRIDES), (NEW, NO_OVERRIDES), NOW), "markdown")


def rows(text):
    return [line for line in text.splitlines() if line.startswith("|0")]


def test_what_moves_is_a_table_below_a_sentence():
    text = posted("pay-1", "pay-2")

    assert text.startswith("## enforcer impact\n\nThe edit moves 2 of 2 tasks: 2 to auto, 0 to manual, 0 left alone; ")
    assert "<summary>To auto by this edit: 2</summary>" in text
    assert len(rows(text)) == 2


def test_more_than_anyone_reads_is_counted():
    text = posted(*(f"pay-{number}" for number in range(1200)))

    assert "The edit moves 1,200 of 1,200 tasks" in text
    assert len(rows(text)) == 40
    assert "… and 1,160 more: `--format json` has them all" in text


def test_it_fits_a_comment_whatever_the_names_and_counts_what_it_leaves_out():
    text = posted(*(f"<img>{'@' * 500}" for _ in range(100)))
    shown = len(rows(text))

    assert len(text.encode()) <= 65_000
    assert 0 < shown < 40
    assert f"… and {100 - shown} more" in text
    assert "<img" not in text
