"""The command that builds again, as far as the evidence names what to build."""

from __future__ import annotations

import re

from landed.core.seen import (
    Build,
    Deployment,
    Observations,
    Remote,
)
from landed.core.words import branch, filled

_COMMIT_TAG = re.compile(r"(.+:(?:commit-)?)[0-9a-f]{7,64}")
"""Also as a shipment names what it builds."""


def build_again(seen: Observations, *, commit: str | None = None) -> str:
    """A build from the remote, pushed under the name that is in use. A tag that is a commit's id
    stays that commit's. What a trigger built, its trigger builds again: it knows how.
    """
    build, deployment = seen.forward.build, seen.deployment
    name = seen.commands.name
    if isinstance(deployment, Deployment) and not deployment.pinned:
        name = deployment.image
    elif isinstance(build, Build) and build.names:
        name = build.names[0]
    named_by_commit = _COMMIT_TAG.fullmatch(name)
    if named_by_commit:
        name = f"{named_by_commit[1]}{commit or seen.change.commit}"
    remote = seen.remote if isinstance(seen.remote, Remote) else None
    url = remote.url if remote else "REPOSITORY_URL"
    ref = branch(remote.ref) if remote else "REF"
    of_commit, of_ref = seen.commands.build_commit, seen.commands.build
    trigger = build.trigger if isinstance(build, Build) else ""
    if trigger and seen.commands.again:
        of_commit, of_ref = seen.commands.again_commit, seen.commands.again
    if commit:
        return filled(of_commit, image=name, commit=commit, url=url, trigger=trigger)
    return filled(of_ref, image=name, ref=ref, url=url, trigger=trigger)
