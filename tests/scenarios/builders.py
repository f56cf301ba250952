"""Images that another builder made than the local cloud, under the name of its own builds."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from scenarios.shop import JOB, Answer, Shop

needs_buildah = pytest.mark.skipif(
    shutil.which("buildah") is None or os.geteuid() != 0, reason="buildah is not here"
)


def release_as(shop: Shop, digest: str, *how: str) -> None:
    """Builds what the remote has; the builder pushes the image of `digest` as what it made."""
    pushed_as(shop, shop.build(*how), digest)


def pushed_as(shop: Shop, built: Answer, digest: str) -> None:
    """The build pushed another image, and that was deployed and executed."""
    record = shop.cloud / "builds" / str(built.data["id"]) / "build.json"
    record.write_text(record.read_text().replace(str(built.data["digest"]), digest))
    shop.deploy(f"{JOB}@{digest}")
    shop.execute()


class Buildah:
    """An image that a real builder makes, layer by layer, with what it records of each."""

    def __init__(self, shop: Shop) -> None:
        self._shop, self._made = shop, "scratch"

    def _run(self, *words: str) -> str:
        where = ("--root", str(self._shop.folder / "store"), "--runroot",
                 str(self._shop.folder / "run"))  # fmt: skip
        done = subprocess.run(
            ["buildah", "--storage-driver", "vfs", *where, *words],
            capture_output=True,
            check=False,
            timeout=120,
            cwd=self._shop.work,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode().strip()

    def layer(self, folder: str, target: str, *, by: str = "COPY") -> None:
        """One more layer: a folder as it lies on disk now."""
        container = self._run("from", "--pull-never", self._made)
        self._run("copy", "-q", container, folder, target)
        start = ("--workingdir", "/app", "--cmd", "python -m app")
        self._run("config", *start, "--created-by", f"{by} {folder} {target}", container)
        self._made = f"localhost/{folder}"
        self._run("commit", "-q", container, self._made)

    def push(self) -> str:
        """Pushes it to the shop's store, and says its digest."""
        digest = self._shop.folder / "digest"
        target = f"oci:{self._shop.cloud / 'images' / JOB}:by-buildah"
        self._run("push", "-q", "--digestfile", str(digest), self._made, target)
        return digest.read_text().strip()
