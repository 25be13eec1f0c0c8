"""The process and the person: signals, screen, prompt, progress, log. Knows nothing of what is said there."""
