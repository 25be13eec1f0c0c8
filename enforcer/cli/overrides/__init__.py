"""How exceptions from the policy come about: single overrides, overrides as a file, incidents."""
