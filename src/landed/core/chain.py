"""The chain: the ten links as one tuple, in the order in which code travels."""

from __future__ import annotations

from landed.core.model import Frozen, Link, Station


class LinkSpec(Frozen):
    """One link: the two stations it joins, and when it holds."""

    link: Link
    before: Station
    after: Station
    holds_when: str


CHAIN: tuple[LinkSpec, ...] = (
    LinkSpec(
        link=Link.COMMITTED,
        before=Station.WORK_TREE,
        after=Station.COMMIT,
        holds_when="nothing that the build would read is uncommitted, untracked or hidden from git",
    ),
    LinkSpec(
        link=Link.PUSHED,
        before=Station.COMMIT,
        after=Station.REMOTE,
        holds_when="the ref that the builder reads, asked of the remote itself, has the change",
    ),
    LinkSpec(
        link=Link.SOURCED,
        before=Station.REMOTE,
        after=Station.SOURCE,
        holds_when="the builder took exactly that commit, or the upload equals it file by file",
    ),
    LinkSpec(
        link=Link.BUILT,
        before=Station.SOURCE,
        after=Station.BUILD,
        holds_when="the build of that source succeeded and pushed something",
    ),
    LinkSpec(
        link=Link.PACKED,
        before=Station.BUILD,
        after=Station.IMAGE,
        holds_when="the files in the image equal the files of its source, whatever its labels say",
    ),
    LinkSpec(
        link=Link.PUBLISHED,
        before=Station.IMAGE,
        after=Station.REGISTRY,
        holds_when="the name that people deploy resolves to that digest",
    ),
    LinkSpec(
        link=Link.DEPLOYED,
        before=Station.REGISTRY,
        after=Station.DEPLOYMENT,
        holds_when="the job or service that takes the work is pinned to that digest",
    ),
    LinkSpec(
        link=Link.RAN,
        before=Station.DEPLOYMENT,
        after=Station.EXECUTION,
        holds_when="an execution started after that, on that digest, and finished",
    ),
    LinkSpec(
        link=Link.HEALED,
        before=Station.EXECUTION,
        after=Station.LOGS,
        holds_when="in that execution's entries the known error is gone, the expected work is "
        "seen, and nothing new broke",
    ),
    LinkSpec(
        link=Link.HELD,
        before=Station.LOGS,
        after=Station.WATCH,
        holds_when="it stayed so through the watch, at every checkpoint",
    ),
)

LINKS = tuple(spec.link for spec in CHAIN)
