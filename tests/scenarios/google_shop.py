"""The shop on Google Cloud: the same scenarios through the local cloud's HTTP face.

What a user would do with gcloud goes into the same cloud: builds as requests of Cloud Build's, and
deployments and executions at the local cloud's command line. What `landed trace` sees comes over
HTTP alone, and every answer is held against Google's discovery documents.
"""

from __future__ import annotations

import io
import json
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from landed.localcloud.upload import pack_folder
from localcloud.face.watched import Served, served
from scenarios.shop import JOB, SETTINGS, Answer, Shop

IMAGE = f"europe-west1-docker.pkg.dev/landed-local/shop/{JOB}"
BUILDS = "https://cloudbuild.googleapis.com/v1/projects/landed-local/locations/europe-west1/builds"
UPLOADS = "landed-local_cloudbuild"
PLACE = 'provider = "gcp"\nproject = "landed-local"\nregion = "europe-west1"\n'


class GoogleShop(Shop):
    """The shop, with its face. Images have the names of Artifact Registry."""

    settings_text = SETTINGS.replace("[environments.dev]\n", f"[environments.dev]\n{PLACE}")

    def __init__(self, folder: Path, **how: Any) -> None:
        self._held = ExitStack()
        self._face: Served | None = None
        super().__init__(folder, **how)

    @property
    def face(self) -> Served:
        """The face over this shop's cloud, served as long as the shop is there."""
        if self._face is None:
            self._face = self._held.enter_context(served(self.cloud))
            # As the first `gcloud builds submit` of a project makes it.
            self._face.face.objects.make_bucket(UPLOADS, "US")
        return self._face

    def close(self) -> None:
        """Ends the face."""
        self._held.close()

    def landed(self, *arguments: str, at: Path | None = None) -> Answer:
        """Runs a command with --json; what asks a cloud sees the face, and nothing else."""
        words = [_named(word) for word in arguments]
        if words[0] not in {"trace", "where", "ship", "watch"}:
            return super().landed(*words, at=at)
        cache = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        with patch.dict(os.environ, self.face.environment({**os.environ, **cache}), clear=True):
            return super().landed(*words, at=at)

    def build(self, *how: str, tag: str | None = f"{JOB}:latest") -> Answer:
        """Submits a build to the face, and waits for its end."""
        said = _options(how)
        arguments = [w for name in said.get("--build-arg", []) for w in ("--build-arg", name)]
        if "--dockerfile" in said:
            arguments += ["-f", said["--dockerfile"][-1]]
        image = _named(tag) if tag else ""
        place = ["-t", image, "."] if image else ["."]
        step = {"name": "gcr.io/cloud-builders/docker", "args": ["build", *arguments, *place]}
        asked: dict[str, Any] = {"source": self._source(said), "steps": [step]}
        if image:
            asked["images"] = [image]
        pairs = dict(one.split("=", 1) for one in said.get("--substitutions", []))
        if pairs:
            asked["substitutions"] = pairs
        return self._submit(asked)

    def _source(self, said: dict[str, list[str]]) -> dict[str, Any]:
        if said.get("--source") == ["upload"]:
            folder = Path(said.get("", [str(self.work)])[-1])
            data, _ = pack_folder(self.work / folder, self.work / ".landed")
            objects = self.face.face.objects
            name = f"source/{time.time_ns()}.tgz"
            kept = objects.put(UPLOADS, name, io.BytesIO(data))
            stored = {"bucket": UPLOADS, "object": name, "generation": str(kept.generation)}
            return {"storageSource": stored}
        commit, ref = said.get("--commit"), said.get("--ref", ["main"])[-1]
        git = {"url": self.remote.as_uri(), "revision": commit[-1] if commit else ref}
        return {"gitSource": git}

    def _submit(self, asked: dict[str, Any]) -> Answer:
        with self.face.client() as client:
            begun = client.post(BUILDS, json=asked)
            if begun.status_code != 200:
                return Answer(code=2, data={}, err=begun.text)
            build = begun.json()["metadata"]["build"]
            until = time.monotonic() + 180
            while build["status"] in {"QUEUED", "WORKING"}:
                assert time.monotonic() < until, build
                time.sleep(0.02)
                build = client.get(f"{BUILDS}/{build['id']}").json()
        images = build.get("results", {}).get("images", [])
        digest = images[0]["digest"] if images else None
        data = {"id": build["id"], "digest": digest, "status": build["status"]}
        return Answer(
            code=0 if build["status"] == "SUCCESS" else 1, data=data, err=json.dumps(build)
        )


def _named(word: str) -> str:
    """The name of an image as it is here."""
    short = word.startswith((f"{JOB}:", f"{JOB}@"))
    return IMAGE + word.removeprefix(JOB) if short else word


def _options(how: tuple[str, ...]) -> dict[str, list[str]]:
    """Options of `landed cloud build` with their values; what is none stands under no name."""
    found: dict[str, list[str]] = {}
    left = iter(how)
    for word in left:
        name, value = (word, next(left)) if word.startswith("-") else ("", word)
        found.setdefault(name, []).append(value)
    return found
