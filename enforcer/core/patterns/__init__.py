"""Which tasks a policy, an override or a flag names: the pattern language, and finding what hits."""
