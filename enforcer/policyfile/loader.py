"""Policy text -> Policy, or every problem of it at once."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from enforcer.core.overrides import ledger
from enforcer.core.text.visible import visible
from enforcer.errors import UsageError
from enforcer.model.policy import Policy
from enforcer.model.rule import Origin
from enforcer.policyfile import source
from enforcer.policyfile.comments import suppressions
from enforcer.policyfile.keys import DOCUMENT, MAX_RULES, ONCE, Document
from enforcer.policyfile.nodes import Mapping, Node, compose
from enforcer.policyfile.nodes import Sequence as NodeList
from enforcer.policyfile.problems import Problems
from enforcer.policyfile.readers import unique
from enforcer.policyfile.source import Source


def load(path: str) -> Policy:
    """Return the policy in the file *path*, or in the ``*.yaml`` and ``*.yml`` files of the folder *path*.

    Raises PolicyError with every problem found, never anything else.
    """
    problems = Problems()
    return _policy(source.read(path, problems), path, problems)


def load_text(text: bytes, name: str) -> Policy:
    """Return the policy that *text* spells; *name* stands for the file in messages, origins and the default name.

    Raises PolicyError with every problem found, never anything else.
    """
    problems = Problems()
    return _policy(source.from_bytes(text, name, problems), name, problems)


def _policy(sources: Sequence[Source], path: str, problems: Problems) -> Policy:
    composed = [compose(each.data, each.shown, problems) for each in sources]
    roots = [root for root in composed if root is not None]
    documents = [DOCUMENT.read(root, problems) for root in roots]
    _check_together([root for root in roots if isinstance(root, Mapping)], problems)
    problems.raise_if_any()
    policy = replace(_merged(documents, sources, path), origins=MappingProxyType(dict(_origins(roots))))
    _check_times(policy, roots, problems)
    problems.raise_if_any()
    return policy


def _origins(nodes: Iterable[Node], before: str = "") -> Iterator[tuple[str, Origin]]:
    """Yield where each key of the mappings *nodes* stands, and each key below it; lists are not entered."""
    for node in nodes:
        for key, value in node.entries if isinstance(node, Mapping) else ():
            path = f"{before}{key.text}"
            yield path, Origin(file=key.place.file, line=key.place.line)
            yield from _origins([value], f"{path}.")


def _check_times(policy: Policy, roots: Sequence[Node], problems: Problems) -> None:
    """Note every override that ends before it begins, or lasts longer than the policy allows."""
    values = _values([root for root in roots if isinstance(root, Mapping)], "overrides")
    written = [item for each in values if isinstance(each, NodeList) for item in each.items]
    for node, override in zip(written, policy.overrides, strict=True):
        entry = node.entry("expires") if isinstance(node, Mapping) else None
        try:
            ledger.check(override, longest_s=policy.limits.override_max_ttl_s)
        except UsageError as wrong:
            hint = f" ({wrong.hint})" if wrong.hint else ""
            problems.add(entry[1].place if entry else node.place, f"{wrong.message}{hint}")


def _check_together(roots: Sequence[Mapping], problems: Problems) -> None:
    """Note what only all files together can show."""
    for key in ONCE:
        places = [entry[0].place for root in roots if (entry := root.entry(key))]
        for place in places[1:]:
            problems.add(place, f"'{key}' is set in {places[0]} already; expected it in one file only")
    unique(_values(roots, "targets"), "name", problems)
    unique(_values(roots, "overrides"), "id", problems)
    rules = _values(roots, "rules")
    unique(rules, "id", problems)
    count = sum(len(each.items) for each in rules if isinstance(each, NodeList))
    if count > MAX_RULES and len(rules) > 1:
        problems.add(rules[-1].place, f"{count} rules in all files together; expected at most {MAX_RULES}")


def _values(roots: Sequence[Mapping], key: str) -> list[Node]:
    return [entry[1] for root in roots if (entry := root.entry(key))]


def _merged(documents: Sequence[Document], sources: Sequence[Source], path: str) -> Policy:
    once: dict[str, Any] = {
        key: value for each in documents for key in ONCE if (value := getattr(each, key)) is not None
    }
    return Policy(
        **{"name": _default_name(path), **once},
        rules=tuple(rule for each in documents for rule in each.rules),
        overrides=tuple(override for each in documents for override in each.overrides),
        tests=tuple(test for each in documents for test in each.tests),
        suppressions=tuple(found for each in sources for found in suppressions(each.data, each.shown)),
        files=tuple(each.shown for each in sources),
        sha256=_digest(sources),
    )


def _default_name(path: str) -> str:
    named = Path(path)
    if named.name in {"", ".."}:
        named = named.resolve()
    return visible(named.stem if named.suffix in source.SUFFIXES else named.name, 100) or "policy"


def _digest(sources: Sequence[Source]) -> str:
    """Return one digest for names and bytes; each goes in with its length, so that nothing can move between them."""
    digest = hashlib.sha256()
    for each in sources:
        for part in (each.name.encode("utf-8", "surrogatepass"), each.data):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
