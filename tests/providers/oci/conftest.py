"""Real registries with real images: Debian's `docker-registry`, filled by buildah, docker, skopeo.

All of it listens on loopback, lies in a folder of its own, and is ended by the process that
started it.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from landed.providers.oci.auth import _TOKENS
from providers.oci import painters
from providers.oci.faults import Faults
from providers.oci.painters import Painted
from providers.oci.servers import Served, TokenServer, certificate, registry

TOOLS = ("docker-registry", "buildah", "skopeo", "dockerd", "docker", "openssl")


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all of it, where the tools are and may be run."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if os.geteuid() != 0:
        pytest.skip("only root can start a docker")
    return tmp_path_factory.mktemp("registries")


@pytest.fixture(scope="session")
def open_registry(workshop: Path) -> Iterator[Served]:
    """One that asks nobody who they are."""
    with registry(workshop, {}) as served:
        yield served


@pytest.fixture(scope="session")
def images(workshop: Path, open_registry: Served) -> Iterator[Painted]:
    """Its images, each made by another tool."""
    with painters.painted(workshop / "images", open_registry) as made:
        yield made


@pytest.fixture(scope="session")
def locked_registry(workshop: Path, images: Painted) -> Iterator[Served]:
    """The same images, for who knows a password."""
    settings = {"auth": {"htpasswd": painters.htpasswd(workshop)}}
    with registry(workshop, settings, images.served) as served:
        yield served


@pytest.fixture(scope="session")
def tokens(workshop: Path) -> Iterator[TokenServer]:
    with TokenServer(certificate(workshop / "signer")) as server:
        yield server


@pytest.fixture(scope="session")
def token_registry(workshop: Path, tokens: TokenServer, images: Painted) -> Iterator[Served]:
    """The same images, for who has a token of the token server."""
    with registry(workshop, {"auth": {"token": tokens.settings()}}, images.served) as served:
        yield served


@pytest.fixture(scope="session")
def tls_registry(workshop: Path, images: Painted) -> Iterator[Served]:
    """The same images by https, with a certificate that nobody knows."""
    pair = certificate(workshop / "tls")
    files = {"certificate": str(pair.certificate), "key": str(pair.key)}
    with registry(workshop, {"http": {"tls": files}}, images.served) as served:
        served.certificate = pair.certificate
        yield served


@pytest.fixture
def faults() -> Iterator[Faults]:
    """A server that does wrong what it is told to."""
    with Faults() as server:
        yield server


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port where nobody listens, and nobody will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture(autouse=True)
def _no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test meets the credentials or tokens of the person at the keyboard, or another's."""
    for name in ("DOCKER_CONFIG", "XDG_RUNTIME_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    _TOKENS.clear()
