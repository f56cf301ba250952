"""The ledger: what was traced, append-only and chained by hashes."""
