"""The command that builds again, as far as the evidence names what to build."""

from __future__ import annotations

from landed.core.seen import (
    Build,
    Deployment,
    Observations,
)
from landed.core.words import branch, filled


def build_again(seen: Observations, *, commit: str | None = None) -> str:
    """A build from the remote, pushed under the name that is in use."""
    build, deployment = seen.forward.build, seen.deployment
    name = "NAME:TAG"
    if isinstance(deployment, Deployment) and not deployment.pinned:
        name = deployment.image
    elif isinstance(build, Build) and build.names:
        name = build.names[0]
    ref = getattr(seen.remote, "ref", "")
    if commit:
        return filled(seen.commands.build_commit, image=name, commit=commit)
    return filled(seen.commands.build, image=name, ref=branch(ref) or "REF")
