"""Container registries, read over HTTP: manifests, blobs and referrers by digest.

`registry` loads httpx: who asks a registry imports it late.
"""
