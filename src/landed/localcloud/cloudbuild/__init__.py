"""Builds as Cloud Build has them: a source, steps, images; run over the local cloud's builder."""
