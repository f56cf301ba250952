"""Google Cloud as a provider: Cloud Build, Artifact Registry, Cloud Run, Cloud Logging.

Asked over their REST interfaces, read only. `view` loads httpx: wiring imports it late.
"""
