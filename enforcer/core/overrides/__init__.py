"""Exceptions with an end: which one speaks for a task, what may become of one, what an incident came to."""
