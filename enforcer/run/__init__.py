"""The only package that awaits ports: observe, apply, read back. It decides nothing; `core` does."""
