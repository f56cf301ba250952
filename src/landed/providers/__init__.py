"""Providers: each folder sees and does what one kind of place offers."""
