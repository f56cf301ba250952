"""Git, asked safely: what a foreign repository configures never runs."""
