"""The report as one page that needs nothing else: no network, no other file, and no script but its own.

What happened comes first, then what needs a person, then the rest; without scripts the page reads as a summary.
Texts from outside are made visible (`core.text`), escaped by the templates, and written by the script as text only;
on top of that, the page's own policy forbids every style and script but the two whose hashes it names.
"""

import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from hashlib import sha256
from importlib.util import cache_from_source
from itertools import islice
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from enforcer import __version__
from enforcer.core.text.visible import visible
from enforcer.errors import ExitCode
from enforcer.model.report.run import Report
from enforcer.model.report.task import State
from enforcer.reports import limits, rows, steps, waves, words
from enforcer.reports.amounts import duration
from enforcer.reports.kinds import is_only_planned, is_refused, nothing_sent
from enforcer.reports.page import bars, plots, trend
from enforcer.reports.page.records import concerns, records, to_json

STATIC_ROWS = 100
"""Changes that stand in the page itself, for readers without scripts; a page of the script's table has as many."""

_PAGE = Path(__file__).with_name("page")
"""The templates, and the style and script that they put into the page."""

_MOODS: dict[int | None, str] = {
    None: "open",
    ExitCode.OK: "good",
    ExitCode.DRIFT: "plan",
    ExitCode.PARTIAL: "warn",
    ExitCode.REFUSED: "warn",
}
"""How an end is to be met; every other one is bad."""
_ICONS = {"good": "1a7f45", "plan": "2456b8", "warn": "b26a00", "bad": "b3261e", "open": "6b7280"}
"""The colour of the dot that the tab shows."""


def pieces(report: Report) -> Iterator[str]:
    style, script = _resource("report.css"), _resource("report.js")
    every = partial(records, report, rows.short_ids(report))
    mood = _mood(report)
    headline, lede = _headline(report)
    yield from (
        _templates()
        .get_template("report.html")
        .generate(
            report=report,
            only_planned=is_only_planned(report),
            mood=mood,
            icon=_ICONS[mood],
            headline=headline,
            lede=lede,
            told=[(words.notice(said), words.hint(said)) for said in report.notices[: rows.LIMIT]],
            concerns=concerns(every()),
            steps=steps.steps(report),
            broken=limits.break_glass(report),
            bars=[bar for bar in (bars.of_tasks(report), bars.of_changes(report)) if bar.parts],
            states=[state for state in State if bars.count(report, state)],
            waves=[
                (target.name, waves.cells(each))
                for target in report.targets
                for each in waves.shown(report, target.name)
            ],
            wave_bars=[bar for target in report.targets if (bar := bars.of_waves(report, target)).parts],
            plots=[drawn for target in report.targets if (drawn := plots.plot(target))],
            trend=trend.trend(report.trend),
            shown=list(islice(every(), STATIC_ROWS)),
            changes=sum(len(target.tasks) for target in report.targets),
            withheld=[each for target in report.targets for each in target.withheld],
            withheld_title=rows.WITHHELD,
            data=map(Markup, to_json(every())),  # `records` leaves nothing in it that ends a script element
            whole_report=steps.whole_report(report),
            style=Markup(style),  # noqa: S704 - a file of this package
            script=Markup(script),  # noqa: S704 - a file of this package
            policy=_policy(style, script),
        )
    )


def _mood(report: Report) -> str:
    if report.exit.code == ExitCode.OK and is_only_planned(report) and report.totals.planned:
        return "plan"
    return _MOODS.get(report.exit.code, "bad")


def _headline(report: Report) -> tuple[str, str]:
    """Return what happened in one sentence, and the rest of it."""
    said = words.outcome(report) or (words.opening(report),)
    if is_refused(report) and nothing_sent(report):
        said = ("Refused: nothing was sent.", *said)
    return said[0], " ".join([*said[1:], *words.standing(report), *limits.pace(report)])


def _policy(style: str, script: str) -> str:
    """Return the content security policy: nothing may be loaded, and only our own two texts may act."""
    return (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _resource(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


class _Compiled(FileSystemBytecodeCache):
    """The templates' code, kept beside that of modules, as Python keeps it: where it may, and where there is room."""

    def __init__(self) -> None:
        beside = Path(cache_from_source(__file__))
        # With the version: whether a template has changed is looked at, and not whether its options have.
        super().__init__(str(beside.parent), f"%s.{__version__}.{sys.implementation.cache_tag}.jinja")

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        bytecode_cache=_Compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"visible": visible, "share": bars.share, "since": plots.since}
    environment.filters |= {"moment": trend.moment}
    environment.filters |= {"duration": duration, "state": words.state}
    environment.globals |= {"count": bars.count, "most": rows.LIMIT, "first": STATIC_ROWS}
    return environment


def compile_templates() -> None:
    """Have the code of all templates kept, for those who are to use this installation and may not write to it."""
    for name in _templates().list_templates(["html"]):
        _templates().get_template(name)
