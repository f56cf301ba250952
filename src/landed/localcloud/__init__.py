"""A small cloud on this disk: a builder, an image store, jobs, executions and their logs."""
