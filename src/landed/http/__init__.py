"""Asking over HTTP, for every provider that does: bounded in time and size, careful with redirects.

`transport` loads httpx: who asks nobody does not load it.
"""

import sys

# httpx has a command line of its own, and loads it with rich and pygments where it can: a third of
# its time. None is Python's word for a module that is not there; httpx does without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # typed as if never None
