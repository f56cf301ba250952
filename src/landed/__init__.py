"""landed: proof that the code somebody committed is the code that runs."""

__version__ = "0.1.0"
