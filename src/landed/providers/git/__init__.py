"""Git as a provider: the work tree here, and what the remote itself answers."""
