"""Who asks: keys and tokens, how a request shows them, and what becomes of them once refused or near their end.

Nothing is sent here, and it is not known where credentials come from.
"""
