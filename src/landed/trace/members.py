"""An index and the images in it are one thing under several digests."""

from __future__ import annotations

from collections.abc import Sequence

from landed.core.clock import now
from landed.core.model import (
    Evidence,
    Station,
    Strength,
    Unseen,
)
from landed.core.probe import BuildRecord, Cloud

LOOK_BACK = 5
"""How many builds are asked for what is in the index that they pushed."""


class Members:
    """Says which index a digest is of, where a build pushed that index.

    Of each index one image counts, the first that was reported as what runs: its files are the ones
    to look at. Another image of that index stays a stranger, for its files may differ.
    """

    def __init__(self, cloud: Cloud, records: Sequence[BuildRecord]) -> None:
        self._cloud, self._records = cloud, records
        self._asked: dict[str, Sequence[str] | Unseen] = {}
        self._chosen: dict[str, str] = {}

    def as_pushed(self, digest: str | None) -> str | None:
        """The digest as a build pushed it: that of the index which has this image, else itself.
        None where nobody can look into what a build pushed, nor into this: it may be of that.
        """
        if digest is None or any(digest in record.build.pushed for record in self._records):
            return digest
        indexes = [one for record in self._records for one in record.build.pushed]
        hidden = False
        for index in list(dict.fromkeys(indexes))[:LOOK_BACK]:
            found = self._of(index)
            if isinstance(found, Unseen):
                hidden = True
            elif not found:
                # It pushes plain images: then older builds are not asked one by one.
                break
            elif digest in found and self._chosen.setdefault(index, digest) == digest:
                return index
        return None if hidden and isinstance(self._cloud.image(digest), Unseen) else digest

    def as_run(self, digest: str) -> str:
        """The digest whose files count: of an index that of the image which was reported."""
        return self._chosen.get(digest, digest)

    def evidence(self, reported: str | None, pushed: str | None) -> tuple[Evidence, ...]:
        """What joins the two digests, none where they are the same."""
        if reported == pushed:
            return ()
        facts = {"index": pushed, "image": reported}
        return (
            Evidence(
                station=Station.REGISTRY,
                strength=Strength.CONTENT,
                facts=facts,
                see=f"skopeo inspect --raw docker://NAME@{pushed}",
                observed_at=now(),
            ),
        )

    def _of(self, index: str) -> Sequence[str] | Unseen:
        if index not in self._asked:
            self._asked[index] = self._cloud.members(index)
        return self._asked[index]
