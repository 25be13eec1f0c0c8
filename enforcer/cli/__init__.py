"""Flags become settings, settings become wiring, and a run becomes an exit code. The only package that prints."""
