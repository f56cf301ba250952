"""The incident, replayed with real parts: git, a builder, images, a worker, a database."""
