"""A small Google on loopback: one healthy chain, each answer of which a test may spoil.

What it answers when it is not spoiled is held against Google's own discovery documents in
`test_google.py`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from landed.config import EnvironmentSettings
from landed.core.probe import Workload, WorkloadKind
from landed.http.patience import Patience
from landed.providers.gcp.place import place
from landed.providers.gcp.view import GoogleView
from landed.providers.oci.registry import Registry
from providers.oci.faults import Asked, Faults

PROJECT, REGION = "shop-1234", "europe-west1"
HOST = f"{REGION}-docker.pkg.dev"
REPOSITORY = f"{PROJECT}/shop/worker"
IMAGE = f"{HOST}/{REPOSITORY}"
TOKEN = "ya29.a-token-that-nobody-may-see-0123456789"  # noqa: S105 - of these tests alone
QUICK = Patience(connect=60, read=60, stall=60, tries=2, pause=0.01, longest=0.5, helper=60)
HASTY = Patience(connect=5, read=0.3, stall=0.3, tries=2, pause=0.01, longest=0.5, helper=2)
JOB = Workload(kind=WorkloadKind.JOB, name="worker")
SERVICE = Workload(kind=WorkloadKind.SERVICE, name="front")
BUILD, COMMIT = "11111111-2222-3333-4444-555555555555", "a" * 40
_APIS = ("CLOUDBUILD", "RUN", "LOGGING", "STORAGE", "ARTIFACTREGISTRY", "CONTAINERANALYSIS")
NOW = datetime.now(UTC).replace(microsecond=0)


def at(minutes: float) -> str:
    """A moment before now, as Google writes it."""
    return (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def packed(files: dict[str, bytes]) -> bytes:
    """A tar.gz of some files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), 0o644
            tar.addfile(member, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)


FILES = {"Dockerfile": b"FROM scratch\nCOPY app ./app\n", "app/job.py": b"print('work done')\n"}


@dataclass
class Painted:
    """An image as a registry keeps it."""

    layer: bytes = packed({"app/job.py": FILES["app/job.py"]})
    history: list[dict[str, str]] = field(default_factory=list)

    @property
    def config(self) -> bytes:
        diff = digest_of(gzip.decompress(self.layer))
        return json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"WorkingDir": "/"},
                "rootfs": {"type": "layers", "diff_ids": [diff]},
                "history": self.history,
            }
        ).encode()

    @property
    def manifest(self) -> bytes:
        kind = "application/vnd.oci.image"
        return json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": f"{kind}.manifest.v1+json",
                "config": {
                    "mediaType": f"{kind}.config.v1+json",
                    "digest": digest_of(self.config),
                    "size": len(self.config),
                },
                "layers": [
                    {
                        "mediaType": f"{kind}.layer.v1.tar+gzip",
                        "digest": digest_of(self.layer),
                        "size": len(self.layer),
                    }
                ],
            }
        ).encode()

    @property
    def digest(self) -> str:
        return digest_of(self.manifest)


@dataclass
class Google:
    """What the small Google knows. A test changes it, or puts a fault in front of a path."""

    server: Faults
    image: Painted = field(default_factory=Painted)
    upload: bytes = packed(FILES)
    spoiled: list[tuple[str, Callable[[Asked], None]]] = field(default_factory=list)
    builds: list[dict[str, Any]] = field(default_factory=list)
    regional: list[dict[str, Any]] = field(default_factory=list)
    triggers: list[dict[str, Any]] = field(default_factory=list)
    job: dict[str, Any] = field(default_factory=dict)
    executions: list[dict[str, Any]] = field(default_factory=list)
    service: dict[str, Any] = field(default_factory=dict)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    occurrences: list[dict[str, Any]] = field(default_factory=list)
    generation: str = "1700000000000001"
    token: str = TOKEN
    said: list[tuple[str, str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        digest = self.image.digest
        self.builds = [build(digest)]
        self.job = {
            "name": f"projects/{PROJECT}/locations/{REGION}/jobs/worker",
            "template": {"template": {"containers": [{"image": f"{IMAGE}@{digest}"}]}},
            "updateTime": at(20),
            "lastModifier": "ann@shop.example",
        }
        self.executions = [execution("worker-aaaaa", f"{IMAGE}@{digest}", 15)]
        self.entries = [entry("worker-aaaaa", "work done", 14)]
        self.server.answer = self.answer

    def spoil(self, part: str, fault: Callable[[Asked], None]) -> None:
        """Lets every path with this part in it be answered by a fault."""
        self.spoiled.insert(0, (part, fault))

    def answer(self, asked: Asked) -> None:
        """Answers one request."""
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            refuse(asked, 401, "Request had invalid authentication credentials.")
            return
        for part, fault in self.spoiled:
            if part in asked.path:
                fault(asked)
                return
        self.play(asked)

    def play(self, asked: Asked) -> None:
        """The healthy answer."""
        path = asked.path.partition("?")[0]
        region = f"/v1/projects/{PROJECT}/locations/"
        run = f"/v2/projects/{PROJECT}/locations/{REGION}"
        digest = self.image.digest
        registry = f"/v2/{REPOSITORY}"
        known: dict[str, Any] = {
            f"{region}global/builds": {"builds": self.builds},
            f"{region}{REGION}/builds": {"builds": self.regional},
            f"{region}global/triggers": {"triggers": self.triggers},
            f"{region}{REGION}/triggers": {},
            f"{run}/jobs/worker": self.job,
            f"{run}/jobs/worker/executions": {"executions": self.executions},
            f"{run}/services/front": self.service,
            f"{run}/services/front/revisions": {"revisions": self.revisions},
            "/v2/entries:list": {"entries": self.entries},
            f"/v1/projects/{PROJECT}/occurrences": {"occurrences": self.occurrences},
            f"{region}{REGION}/repositories/shop/dockerImages/worker@{digest}": {
                "name": f"projects/{PROJECT}/locations/{REGION}/repositories/shop/"
                f"dockerImages/worker@{digest}",
                "uri": f"{IMAGE}@{digest}",
                "uploadTime": at(25),
                "updateTime": at(25),
                "tags": ["latest"],
            },
        }
        blobs = {
            f"{registry}/manifests/latest": self.image.manifest,
            f"{registry}/manifests/{digest}": self.image.manifest,
            f"{registry}/blobs/{digest_of(self.image.config)}": self.image.config,
            f"{registry}/blobs/{digest_of(self.image.layer)}": self.image.layer,
        }
        if known.get(path):
            self.said.append((asked.method, path, known[path]))
            say(asked, known[path])
        elif path in known and path.endswith(("builds", "executions", "revisions", "triggers")):
            say(asked, {})
        elif path in blobs:
            asked.say(200, blobs[path], docker_content_digest=digest_of(blobs[path]))
        elif path == "/storage/v1/b/uploads/o/source%2Fone.tgz" and (
            f"generation={self.generation}" in asked.path
        ):
            asked.say(200, self.upload)
        else:
            refuse(asked, 404, "Requested entity was not found.", "NOT_FOUND")

    def environ(self, folder: Path) -> dict[str, str]:
        """The variables that lead here."""
        file = folder / "token"
        file.write_text(self.token)
        address = f"http://{self.server.host}/"
        return {
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(file),
            **{f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}": address for api in _APIS},
        }

    def view(
        self,
        folder: Path,
        workload: Workload | None = JOB,
        image: str = IMAGE,
        patience: Patience = QUICK,
        more: dict[str, str] | None = None,
    ) -> GoogleView:
        """A new look at it."""

        @contextmanager
        def opener(reference: Any, transport: Any, bearer: Any) -> Iterator[Registry]:
            yield Registry(transport, bearer, f"http://{self.server.host}", reference, 2)

        environ = {**self.environ(folder), **(more or {})}
        settings = EnvironmentSettings(provider="gcp", project=PROJECT, region=REGION)
        return GoogleView(
            place(settings, environ),
            workload,
            image,
            opener=opener,
            environ=environ,
            object_format="sha1",
            cache=folder / "layers",
            patience=patience,
        )


def build(digest: str, number: int = 1, minutes: float = 30, **changes: Any) -> dict[str, Any]:
    """A build of an upload, as `gcloud builds submit --tag` makes it."""
    stored = {
        "bucket": "uploads",
        "object": "source/one.tgz",
        "generation": "1700000000000001",
    }
    return {
        "id": BUILD[:-1] + str(number),
        "name": f"projects/123456789/locations/global/builds/{BUILD[:-1]}{number}",
        "projectId": PROJECT,
        "status": "SUCCESS",
        "createTime": at(minutes),
        "startTime": at(minutes - 0.5),
        "finishTime": at(minutes - 2),
        "source": {"storageSource": stored},
        "sourceProvenance": {"resolvedStorageSource": stored},
        "steps": [
            {
                "name": "gcr.io/cloud-builders/docker",
                "args": ["build", "--network", "cloudbuild", "-t", f"{IMAGE}:latest", "."],
            }
        ],
        "images": [f"{IMAGE}:latest"],
        "results": {"images": [{"name": f"{IMAGE}:latest", "digest": digest}]},
        **changes,
    }


def execution(name: str, image: str, minutes: float, **changes: Any) -> dict[str, Any]:
    """An execution of the job that succeeded."""
    return {
        "name": f"projects/{PROJECT}/locations/{REGION}/jobs/worker/executions/{name}",
        "createTime": at(minutes),
        "startTime": at(minutes),
        "completionTime": at(minutes - 1),
        "taskCount": 1,
        "succeededCount": 1,
        "template": {"containers": [{"image": image}]},
        "conditions": [{"type": "Completed", "state": "CONDITION_SUCCEEDED"}],
        **changes,
    }


def entry(name: str, text: str, minutes: float, insert: str = "") -> dict[str, Any]:
    """A line of an execution."""
    return {
        "logName": f"projects/{PROJECT}/logs/run.googleapis.com%2Fstdout",
        "insertId": insert or hashlib.sha256(f"{name}{text}{minutes}".encode()).hexdigest()[:20],
        "timestamp": at(minutes),
        "receiveTimestamp": at(minutes),
        "textPayload": text,
        "labels": {"run.googleapis.com/execution_name": name},
        "resource": {
            "type": "cloud_run_job",
            "labels": {"project_id": PROJECT, "location": REGION, "job_name": "worker"},
        },
    }


def say(asked: Asked, body: Any) -> None:
    """JSON, as Google says it."""
    asked.say(200, json.dumps(body).encode(), content_type="application/json; charset=UTF-8")


def refuse(asked: Asked, status: int, message: str, word: str = "", **reason: Any) -> None:
    """A refusal of Google's."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **reason}] if reason else []
    error = {"code": status, "message": message, "status": word, "details": details}
    asked.say(status, json.dumps({"error": error}).encode(), content_type="application/json")
