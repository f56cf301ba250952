"""`python -m landed`."""

from landed.cli.main import run

run()
