"""The face itself: the one project and region that it plays, and the cloud behind it."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landed.core.clock import now
from landed.core.model import Frozen
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.cloudbuild.build import Where
from landed.localcloud.cloudbuild.builds import Builds
from landed.localcloud.cloudbuild.triggers import Triggers
from landed.localcloud.face.answers import Refusal
from landed.localcloud.face.uploads import Uploads
from landed.localcloud.objects import Objects

NUMBER = "100200300400"
"""The project's number. Google has one beside each id; nothing here depends on it."""


class Project(Frozen):
    """The one project and region of a face, and the URLs of the repositories that it has by name.

    A repository is named as a trigger or a source names it: by `owner/name`, by the name that it
    has in Cloud Source Repositories, or by the resource of its connection.
    """

    id: str = "landed-local"
    region: str = "europe-west1"
    repositories: dict[str, str] = {}


class Face:
    """What the services share. Safe for several threads."""

    def __init__(
        self, cloud: LocalCloud, project: Project | None = None, runtime: Path | None = None
    ) -> None:
        self.cloud = cloud
        self.project = project or Project()
        self._busy = 0
        self._last = time.monotonic()
        self._lock = threading.Lock()
        self.runtime = runtime
        self.changing = threading.Lock()
        """Held while an etag is compared and what it guards is changed."""
        self.objects = Objects(cloud.root / "storage")
        self.uploads = Uploads(cloud.root / "storage" / "uploads", self.objects)
        where = Where(
            project=self.project.id, number=NUMBER, repositories=self.project.repositories
        )
        self.builds = Builds(cloud, self.objects, where, self.busy, runtime)
        self.triggers = Triggers(cloud.root / "triggers", self.builds)
        self.since = now()
        self.token = secrets.token_urlsafe(32)

    def knows(self, token: str) -> bool:
        """Whether this is the token, compared in constant time."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def must_be_mine(self, project: str) -> None:
        """Raises Refusal for another project than this face's, by id or by number."""
        if project not in (self.project.id, NUMBER):
            raise Refusal(403, f"The caller does not have permission on project {project!r}")

    def must_be_here(self, location: str) -> None:
        """Raises Refusal for a region that this face does not play."""
        if location != self.project.region:
            here = self.project.region
            raise Refusal(404, f"Location {location!r} is not played here; this face is {here}")

    @contextmanager
    def busy(self) -> Iterator[None]:
        """For as long as a request or a build lasts: the face is not idle."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                self._last = time.monotonic()

    def idle_seconds(self) -> float:
        """Seconds since the last work ended; 0 while there is some."""
        with self._lock:
            return 0.0 if self._busy else time.monotonic() - self._last
