"""A project's Cloud Build file: what it should have and has not, and how to add that."""
