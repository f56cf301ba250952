"""The small Google says only what Google documents: each answer is held against its discovery
documents, as those of the local cloud's face are.
"""

from __future__ import annotations

from pathlib import Path

from landed.core.model import Unseen
from localcloud.face.discovery import faults, method
from providers.gcp.google import COMMIT, JOB, SERVICE, Google
from providers.gcp.test_provenance import KEY, V1, occurrence, statement
from providers.gcp.test_run import OLD, revision, serve

APIS = ("cloudbuild", "run", "logging", "artifactregistry", "containeranalysis")


def test_every_answer_is_one_of_googles(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    google.revisions = [revision("front-2", digest, 10), revision("front-1", OLD, 60)]
    serve(google, "front-2", "front-2", front_1=80, front_2=20)
    google.occurrences = [occurrence(statement(digest, V1), digest, KEY)]
    google.triggers = [
        {
            "id": COMMIT[:8],
            "name": "on-main",
            "includedFiles": ["app/**"],
            "github": {"owner": "shop", "name": "worker", "push": {"branch": "^main$"}},
        }
    ]
    for workload in (JOB, SERVICE):
        view = google.view(tmp_path, workload)
        assert not isinstance(view.builds(), Unseen)
        assert not isinstance(view.deployment(workload), Unseen)
        assert not isinstance(view.executions(workload), Unseen)
        assert not isinstance(view.entries(workload, "worker-aaaaa"), Unseen)
        assert not isinstance(view.triggers(), Unseen)
    wrong = []
    for verb, path, body in google.said:
        found = [method(f"{api}.googleapis.com", verb, path) for api in APIS]
        known = next((one for one in found if one), None)
        assert known is not None, path
        assert known.answer is not None, path
        wrong += [f"{path}: {fault}" for fault in faults(known.api, known.answer, body)]
    assert wrong == []
    assert len({path for _, path, _ in google.said}) >= 9
