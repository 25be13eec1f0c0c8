"""The report of a run: the shape that every format renders and that JSON readers rely on (docs/report.md)."""
