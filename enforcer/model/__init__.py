"""What things are: frozen values, with no behaviour past their invariants."""
