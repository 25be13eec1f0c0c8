"""What follows from what: pure functions. Time and chance arrive as arguments; nothing here waits, logs or reads."""
