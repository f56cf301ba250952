"""A verdict in, words out; no decisions."""
