"""Images made by the tools that people make them with: buildah, docker, skopeo."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from landed.content.image.reference import Reference, parse
from providers.oci.servers import HTPASSWD, STARTS, Served

WORDS = "what the image is for\n" * 4000
SINGLE = ("by-buildah", "by-buildah-v2s2", "by-docker", "by-skopeo-zstd", "by-skopeo-v2s2")


@dataclass
class Painted:
    """The images of a registry: tag to the digest that another reader, skopeo, gives it."""

    folder: Path
    served: Served
    digests: dict[str, str] = field(default_factory=dict)

    def reference(self, tag: str, served: Served | None = None) -> Reference:
        return parse(f"{(served or self.served).host}/shop/worker:{tag}")

    def raw(self, name: str) -> bytes:
        """A manifest's bytes by tag or digest, as skopeo gives them."""
        mark = "@" if name.startswith("sha256:") else ":"
        where = f"docker://{self.served.host}/shop/worker{mark}{name}"
        return run("skopeo", "inspect", "--raw", "--tls-verify=false", where, folder=self.folder)


def run(*command: str, folder: Path, **env: str) -> bytes:
    """Runs a tool away from the person's own configuration."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        command,
        env={**os.environ, "HOME": str(home), **env},
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def htpasswd(folder: Path) -> dict[str, str]:
    """The registry's settings for a file of names and passwords."""
    place = folder / "htpasswd"
    place.write_text(HTPASSWD)
    return {"realm": "the registry", "path": str(place)}


@contextmanager
def painted(folder: Path, served: Served) -> Iterator[Painted]:
    """Makes all images and pushes them."""
    folder.mkdir()
    made = Painted(folder, served)
    repository = f"{served.host}/shop/worker"
    buildah = _Buildah(folder)
    buildah.make("by-buildah", f"{repository}:by-buildah", "oci")
    buildah.make("by-buildah-v2s2", f"{repository}:by-buildah-v2s2", "docker")
    with dockerd(folder) as address:
        _by_docker(folder, address, f"{repository}:by-docker")
    skopeo = ("skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false")
    # From unpacked layers: skopeo takes packed ones as they are.
    buildah.make("by-skopeo-zstd", f"dir:{folder / 'unpacked'}", "oci", "--disable-compression")
    zstd = (f"dir:{folder / 'unpacked'}", f"docker://{repository}:by-skopeo-zstd")
    run(*skopeo, "--dest-compress-format", "zstd", "--format", "oci", *zstd, folder=folder)
    v2s2 = (f"docker://{repository}:by-buildah", f"docker://{repository}:by-skopeo-v2s2")
    run(*skopeo, "--format", "v2s2", *v2s2, folder=folder)
    buildah.several("several", "oci", repository, "by-buildah", "by-skopeo-zstd")
    buildah.several("several-v2s2", "v2s2", repository, "by-buildah-v2s2", "by-docker")
    for tag in (*SINGLE, "several", "several-v2s2"):
        place = folder / f"{tag}.json"
        place.write_bytes(made.raw(tag))
        digest = run("skopeo", "manifest-digest", str(place), folder=folder)
        made.digests[tag] = digest.decode().strip()
    yield made


@dataclass
class _Buildah:
    folder: Path

    def run(self, *words: str) -> str:
        store = ("--root", str(self.folder / "store"), "--runroot", str(self.folder / "run"))
        out = run("buildah", "--storage-driver", "vfs", *store, *words, folder=self.folder)
        return out.decode().strip()

    def make(self, name: str, target: str, kind: str, *options: str) -> None:
        """An image of two layers from nothing, pushed to `target`."""
        (self.folder / "first").write_text(WORDS + name)
        (self.folder / "second").write_text(name)
        container = self.run("from", "scratch")
        self.run("copy", "-q", container, "first", "/app/first")
        self.run("commit", "-q", "--format", kind, container, f"{name}-base")
        upper = self.run("from", "--pull-never", f"localhost/{name}-base")
        self.run("copy", "-q", upper, "second", "/app/second")
        self.run("config", "--label", f"made={name}", upper)
        self.run("commit", "-q", "--format", kind, upper, name)
        where = target if target.startswith("dir:") else f"docker://{target}"
        self.run("push", "-q", "--tls-verify=false", *options, f"localhost/{name}", where)

    def several(self, name: str, kind: str, repository: str, *tags: str) -> None:
        """One name for the images of two machines, pushed beside them."""
        plain = "--tls-verify=false"
        self.run("manifest", "create", name)
        for machine, tag in zip(("amd64", "arm64"), tags, strict=True):
            image = f"docker://{repository}:{tag}"
            self.run("manifest", "add", "--arch", machine, plain, name, image)
        target = f"docker://{repository}:{name}"
        self.run("manifest", "push", "--all", "-q", "--format", kind, plain, name, target)


@contextmanager
def dockerd(folder: Path) -> Iterator[str]:
    """A docker of our own without any network: its address."""
    home = folder / "docker"
    home.mkdir()
    # The paths of sockets have to be short.
    short = Path(tempfile.mkdtemp(prefix="docker-"))
    socket = short / "socket"
    settings = {
        "bridge": "none",
        "iptables": False,
        "ip6tables": False,
        "storage-driver": "vfs",
        "data-root": str(home / "data"),
        "exec-root": str(short / "run"),
        "pidfile": str(home / "pid"),
        "hosts": [f"unix://{socket}"],
    }
    (home / "daemon.json").write_text(json.dumps(settings))
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["dockerd", "--config-file", str(home / "daemon.json")], stdout=out, stderr=out
        )
    address = f"unix://{socket}"
    try:
        end = time.monotonic() + STARTS
        while "API listen on" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(short, ignore_errors=True)


def _by_docker(folder: Path, address: str, name: str) -> None:
    context = folder / "context"
    context.mkdir()
    (context / "first").write_text(WORDS + "docker")
    (context / "second").write_text("docker")
    recipe = "FROM scratch\nCOPY first /app/first\nCOPY second /app/second\n"
    (context / "Dockerfile").write_text(recipe)
    saved = str(folder / "saved.tar")
    for words in (
        ("build", "-q", "-t", name, str(context)),
        ("push", "-q", name),
        ("save", "-o", saved, name),
    ):
        run("docker", *words, folder=folder, DOCKER_HOST=address, DOCKER_BUILDKIT="0")
