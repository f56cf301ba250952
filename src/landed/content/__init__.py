"""Bytes against trees: git objects and image layers, and nothing of any provider."""
