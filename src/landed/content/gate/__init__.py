"""Whether a folder is a commit, inside a builder: no network, and nobody's word for it."""
