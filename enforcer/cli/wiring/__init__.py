"""Puts adapters and ports together. The only room of the command line that names an adapter."""
