"""From the command line to values, and back to what the next command has to say again."""
