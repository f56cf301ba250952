"""A small content worker: it takes requests from a queue and writes a lesson for each."""
