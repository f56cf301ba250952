"""What the face's builds are made from: a repository with a remote, and its HTTP server."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from landed.localcloud.objects import Objects

IMAGE = "europe-west1-docker.pkg.dev/landed-local/content/worker"
DOCKERFILE = (
    "FROM python:3.11-slim\nARG COMMIT_SHA=unknown\nWORKDIR /app\nCOPY app ./app\n"
    'LABEL commit=$COMMIT_SHA\nCMD ["python", "-m", "app"]\n'
)
CONFIG = f"""
steps:
  - id: build
    name: gcr.io/cloud-builders/docker
    args: [build, --build-arg, COMMIT_SHA=$COMMIT_SHA, -t, "{IMAGE}:$_TAG", .]
images: ["{IMAGE}:$_TAG"]
substitutions: {{_TAG: latest}}
"""


def upload_into(
    cloud: Path, files: dict[str, str], links: dict[str, str] | None = None
) -> dict[str, str]:
    """An upload as gcloud makes one, in a cloud's folder; the storageSource that names it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    packed.seek(0)
    objects = Objects(cloud / "storage")
    objects.make_bucket("landed-local_cloudbuild", "US")
    kept = objects.put("landed-local_cloudbuild", "source/x.tgz", packed)
    return {"bucket": kept.bucket, "object": kept.name, "generation": str(kept.generation)}


class Origin:
    """A repository with a work tree, and the bare remote that it pushes to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.work, self.remote = root / "work", root / "origin.git"
        root.mkdir()
        self._git(root, "init", "-q", "--bare", "-b", "main", str(self.remote))
        self._git(root, "init", "-q", "-b", "main", str(self.work))
        self._git(self.work, "remote", "add", "origin", str(self.remote))
        self.write("Dockerfile", DOCKERFILE)
        self.write("cloudbuild.yaml", CONFIG)
        self.commit("print('one')\n")

    def _git(self, cwd: Path, *arguments: str) -> str:
        env = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t.example",
            "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t.example",
        }  # fmt: skip
        done = subprocess.run(
            ["git", *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def git(self, *arguments: str) -> str:
        return self._git(self.work, *arguments)

    def write(self, path: str, text: str) -> None:
        place = self.work / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def commit(self, program: str, *, push: bool = True) -> str:
        """Another commit with this program; its id."""
        self.write("app/__main__.py", program)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        if push:
            self.git("push", "-q", "origin", "HEAD")
            self._git(self.remote, "update-server-info")
        return self.git("rev-parse", "HEAD")

    @contextmanager
    def over_http(self) -> Iterator[str]:
        """The remote's URL over HTTP; gcloud takes no other."""
        handler = partial(_Quiet, directory=str(self.remote))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/"
            finally:
                server.shutdown()
                thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass
