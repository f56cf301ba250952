"""Cloud Run: jobs, executions, services and revisions, in its versions 1 and 2."""

from __future__ import annotations

from landed.localcloud.face.calls import Service
from landed.localcloud.face.face import Face
from landed.localcloud.face.run import jobs_v1, services_v1, v2, v2_changes


def service(face: Face) -> Service:
    """Both versions. The hosts are the global one and, as gcloud asks, the region's own."""
    return Service(
        hosts=("run.googleapis.com", f"{face.project.region}-run.googleapis.com"),
        routes=(
            *jobs_v1.routes(face),
            *services_v1.routes(face),
            *v2.routes(face),
            *v2_changes.routes(face),
        ),
    )
