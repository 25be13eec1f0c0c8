"""How fast a target is asked, whether again, and when no more."""
