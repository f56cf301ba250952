"""The model, the chain and the judging: pure, and free of every provider."""
