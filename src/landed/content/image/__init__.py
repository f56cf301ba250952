"""Images by content: manifests, layers, and the final files of all layers together."""
