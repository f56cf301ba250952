"""Packages that are not what a source asks for: by its lock, and by what an image has of them."""

MOST = 50
"""So many packages are named, and their records read."""
ENOUGH = 0.5
"""Where one folder has so much of what is asked for, what it does not have is missing there."""
