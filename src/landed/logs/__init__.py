"""Log entries, the errors in them, and what tells one error from another."""
