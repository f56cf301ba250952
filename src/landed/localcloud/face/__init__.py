"""The local cloud's HTTP face: Google's REST surfaces over the same folder, on loopback only."""
