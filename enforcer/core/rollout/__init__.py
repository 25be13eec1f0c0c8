"""In what order a plan goes out, and in whose hands: waves and their gates, the risk they go by, shards."""
