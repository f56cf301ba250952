"""A face over a cloud with images of its own project, and a job and a service that use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from landed.localcloud.imaging import Order
from localcloud.face.watched import Served, served
from localcloud.test_services import SERVER
from waiting import until

SHOP = "europe-west1-docker.pkg.dev/landed-local/shop"
RECIPE = 'FROM python:3.11-slim\nCOPY main.py /app/main.py\nCMD ["python", "/app/main.py"]\n'
SCHOOL = (
    "sqlalchemy.exc.InvalidRequestError: One or more mappers failed to initialize. "
    "expression 'School' failed to locate a name ('School')."
)
BROKEN = f"""
import json, sys
print({SCHOOL!r}, file=sys.stderr)
print(json.dumps({{"severity": "ERROR", "message": "gave up", "attempts": 3}}))
raise SystemExit(1)
"""
MENDED = """
import json
print(json.dumps({"severity": "INFO", "message": "request 7 is done", "lessons": 4}))
"""
RUN = "https://europe-west1-run.googleapis.com"
JOBS = f"{RUN}/apis/run.googleapis.com/v1/namespaces/landed-local"
SERVING = f"{RUN}/apis/serving.knative.dev/v1/namespaces/landed-local"
V2 = f"{RUN}/v2/projects/landed-local/locations/europe-west1"


class Stage:
    """What tests of Cloud Run, Logging and Artifact Registry play on."""

    def __init__(self, at: Path, face: Served, client: httpx.Client) -> None:
        self.at, self.face, self.client = at, face, client
        self.cloud = face.cloud

    def build(self, name: str, program: str) -> str:
        """Builds an image of this program; its digest."""
        folder = self.at / "source"
        folder.mkdir(exist_ok=True)
        (folder / "main.py").write_text(program)
        (folder / "Dockerfile").write_text(RECIPE)
        order = Order(tags=(f"{SHOP}/{name}",))
        done = self.cloud.builder.from_upload(folder, "sha1", order)
        assert done.digest, done.failure
        return done.digest

    def serve(self, name: str, says: str) -> str:
        """Builds a service's image; its digest."""
        return self.build(name, SERVER.format(says=says))

    def ask(self, verb: str, url: str, document: Any = None, code: int = 200) -> dict[str, Any]:
        """One request, and the document that came back."""
        answer = self.client.request(verb, url, json=document)
        assert answer.status_code == code, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settled(self, url: str, kind: str = "Ready") -> dict[str, Any]:
        """Waits until the first condition of an object is decided, as gcloud does."""

        def look() -> dict[str, Any] | None:
            found = self.ask("GET", url)
            (one,) = [c for c in found["status"]["conditions"] if c["type"] == kind]
            return found if one["status"] != "Unknown" else None

        decided: dict[str, Any] = until(look)
        return decided


@contextmanager
def staged(at: Path) -> Iterator[Stage]:
    """A stage; at its end all services are stopped."""
    with served(at / "cloud") as face, face.client() as client:
        stage = Stage(at, face, client)
        yield stage
        for name in face.cloud.services.names():
            face.cloud.services.stop(name)


def job(name: str, image: str, **more: Any) -> dict[str, Any]:
    """A job as gcloud sends it."""
    container = {"image": image, **more}
    task = {"spec": {"containers": [container]}}
    return {
        "apiVersion": "run.googleapis.com/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": {"spec": {"template": task}}},
    }


def service(name: str, image: str, *traffic: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A service as gcloud sends it."""
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {
            "template": {"spec": {"containers": [{"image": image, **more}]}},
            "traffic": list(traffic),
        },
    }
