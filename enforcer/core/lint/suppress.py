"""Findings that the policy says to pass over, with its reason; what passes over nothing is a finding itself."""

from collections.abc import Iterable, Sequence

from enforcer.model.finding import CODES, Finding, Suppression


def suppressed(findings: Iterable[Finding], suppressions: Sequence[Suppression]) -> tuple[Finding, ...]:
    """Return *findings* less those that *suppressions* pass over, and what is wrong with the suppressions."""
    kept: list[Finding] = []
    used: set[tuple[str, int, str]] = set()
    places = {(each.origin.file, each.line, code): each for each in suppressions if each.reason for code in each.codes}
    for finding in findings:
        place = (finding.origin.file, finding.origin.line, finding.code.name)
        if place in places:
            used.add(place)
        else:
            kept.append(finding)
    for each in suppressions:
        kept.extend(_wrong(each, used))
    return tuple(kept)


def _wrong(suppression: Suppression, used: set[tuple[str, int, str]]) -> Iterable[Finding]:
    if suppression.reason is None or not suppression.codes:
        yield Finding(
            code=CODES["E104"],
            origin=suppression.origin,
            message="this comment suppresses nothing; expected codes and a reason",
            hint="Like: # enforcer:ignore W201 reason: every task of this project is ours",
        )
        return
    for code in suppression.codes:
        if (suppression.origin.file, suppression.line, code) not in used:
            yield Finding(
                code=CODES["W206"],
                origin=suppression.origin,
                message=f"there is no {code} on line {suppression.line} to suppress",
                hint="Delete the comment, or mend its code." if code in CODES else f"The codes are {', '.join(CODES)}.",
            )
