"""Asking over HTTP, for every provider that does: bounded in time and size, careful with redirects.

`transport` loads httpx: who asks nobody does not load it.
"""
