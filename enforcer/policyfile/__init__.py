"""Policy text -> Policy: the strict loader, and the JSON Schema of the same language. Knows no tasks and no runs."""

from enforcer.policyfile.loader import load, load_text

__all__ = ["load", "load_text"]
