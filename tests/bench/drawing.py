"""Figures as drawings in SVG, which stand beside the tables and say nothing that those do not."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.bench.figures import Figure, Measure, Role
from tests.bench.tables import number

_LABEL, _BAR, _VALUE = 330, 400, 70
_ROW, _HEAD, _EDGE = 24, 30, 8
# A page may be light or dark, so neither the text nor the bars are at either end.
_STYLE = (
    "text{font:13px sans-serif;fill:#57606a}.enforcer{fill:#2f81f7}.peer{fill:#8c959f}.floor{fill:#bf8700}"
    ".spread{stroke:#57606a;stroke-width:1.5}.what{font-weight:bold}"
    "@media(prefers-color-scheme:dark){text{fill:#adbac7}.spread{stroke:#adbac7}}"
)


def bars(figure: Figure) -> str:
    """Return *figure* as bars: medians from nothing on, each with a line from its least value to its greatest."""
    measures = (figure.ours, *figure.beside)
    longest = max(measure.spread[1] for measure in measures)
    height = _HEAD + _ROW * len(measures) + _EDGE
    width = _LABEL + _BAR + _VALUE
    what = f"{figure.what}, {figure.unit}" if figure.unit else figure.what
    says = "; ".join(f"{measure.name} {number(measure.median)}" for measure in measures)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(f'{figure.case}: {what}. {says}.')}</title>",
            f"<style>{_STYLE}</style>",
            f'<text class="what" x="{_EDGE}" y="18">{escape(f"{figure.case}: {what}")}</text>',
            *(line for place, measure in enumerate(measures) for line in _bar(place, measure, longest)),
            "</svg>",
            "",
        ]
    )


def _bar(place: int, measure: Measure, longest: float) -> Sequence[str]:
    top = _HEAD + place * _ROW
    middle = top + _ROW / 2
    low, high = (round(_LABEL + _BAR * value / longest, 1) for value in measure.spread)
    name = measure.name if measure.role is Role.OURS else f"{measure.role}: {measure.name}"
    width = round(_BAR * measure.median / longest, 1)
    return (
        f'<text x="{_LABEL - 8}" y="{middle + 4}" text-anchor="end">{escape(name)}</text>',
        f'<rect class="{measure.role}" x="{_LABEL}" y="{top + 4}" width="{width}" height="{_ROW - 8}"/>',
        f'<path class="spread" d="M{low} {middle}H{max(high, low + 1)}"/>',
        f'<text x="{max(high, low + 1) + 6}" y="{middle + 4}">{number(measure.median)}</text>',
    )
