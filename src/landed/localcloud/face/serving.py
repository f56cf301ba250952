"""Running the face: as this process until nobody needs it, or in a thread."""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from landed.core.errors import ProviderError, UsageError
from landed.core.model import Frozen, learned
from landed.localcloud.disk import held, locked, read, save, write
from landed.localcloud.face.app import application, played
from landed.localcloud.face.door import Authority, door
from landed.localcloud.face.face import Face, Project

_LOOK_SECONDS = 0.2
_END_SECONDS, _GONE_SECONDS = 5, 60


class Address(Frozen):
    """Where a face is served, and what it plays; it stands in a file beside the cloud."""

    port: int
    pid: int
    project: Project

    @property
    def url(self) -> str:
        """The plain address, for client libraries with an endpoint of their own."""
        return f"http://127.0.0.1:{self.port}"


learned(Address)


class Room:
    """The private folder of a face, below its cloud's folder."""

    def __init__(self, cloud: Path) -> None:
        self.folder = cloud.absolute() / "face"
        self.authority = self.folder / "authority.pem"
        self.token = self.folder / "token"
        self.gcloud = self.folder / "gcloud"
        self.lock = self.folder / "lock"
        self._address = self.folder / "address.json"

    def prepare(self, authority: bytes, token: str, address: Address) -> None:
        """Writes what clients need. Only the owner may read it."""
        self.gcloud.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        write(self.authority, authority)
        write(self.token, token.encode())
        save(self._address, address)
        for path in (self.authority, self.token, self._address):
            path.chmod(0o600)

    def clear(self) -> None:
        """Takes away what is of no use to anybody once the face has gone."""
        for path in (self._address, self.token):
            path.unlink(missing_ok=True)

    def address(self) -> Address:
        """Where the face is served now. Raises UsageError where it is not."""
        hint = "landed cloud serve"
        if not held(self.lock):
            raise UsageError("no face is served for this cloud", hint)
        try:
            return read(self._address, Address)
        except FileNotFoundError:
            raise UsageError("the face of this cloud is just starting", "try again") from None

    def variables(self) -> dict[str, str | None]:
        """The environment in which gcloud and other clients talk to this face; None: unset."""
        address = self.address()
        return {
            "CLOUDSDK_CONFIG": str(self.gcloud),
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(self.token),
            "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": str(self.authority),
            "CLOUDSDK_CORE_PROJECT": address.project.id,
            "CLOUDSDK_RUN_REGION": address.project.region,
            "CLOUDSDK_ARTIFACTS_LOCATION": address.project.region,
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            "CLOUDSDK_CORE_CHECK_GCE_METADATA": "0",
            "GOOGLE_CLOUD_PROJECT": address.project.id,
            "HTTPS_PROXY": address.url,
            "https_proxy": address.url,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "SSL_CERT_FILE": str(self.authority),
            "ALL_PROXY": None,
            "all_proxy": None,
            "REQUESTS_CA_BUNDLE": None,
            "CURL_CA_BUNDLE": None,
        }


_OTHERS = """\
# From here on, HTTPS to any host that is not one of Google's is refused in this shell: the local
# cloud dials nobody. Push, pull and install from another one."""


def exports(variables: dict[str, str | None]) -> str:
    """The variables as lines for a shell, and what whoever reads them should know."""
    return "\n".join([_OTHERS, *_lines(variables)])


def _lines(variables: dict[str, str | None]) -> Iterator[str]:
    return (
        f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"
        for name, value in variables.items()
    )


@contextmanager
def opened(
    face: Face, port: int = 0, around: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> Iterator[tuple[uvicorn.Server, socket.socket, Room]]:
    """The door, open for connections but not served yet, and the room that says where it is.

    Raises UsageError where the cloud has a face already, or the port is taken.
    """
    room = Room(face.cloud.root)
    room.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if held(room.lock):
        raise UsageError("this cloud is served already", "`landed cloud env` prints how to use it")
    with locked(room.lock), _listening(port) as listener:
        authority, hosts = Authority(), played(face)
        config = uvicorn.Config(
            around(application(face)),
            http=door(hosts.__contains__, authority.context(hosts)),
            ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=_END_SECONDS,
        )  # fmt: skip
        here = Address(port=listener.getsockname()[1], pid=os.getpid(), project=face.project)
        room.prepare(authority.certificate, face.token, here)
        try:
            yield uvicorn.Server(config), listener, room
        finally:
            room.clear()


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # With the protocol named, asyncio sends small answers at once: 40 ms less for each.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(f"port {port} cannot be had: {error.strerror}", "--port 0") from error
        # From here on clients may connect; they wait until the server takes them.
        listener.listen(128)
        yield listener


def serve(
    face: Face, port: int, idle: float | None, parent: int | None, ready: Callable[[Room], None]
) -> None:
    """Serves until it is stopped, idle for so many seconds, or its parent has gone."""
    with opened(face, port) as (server, listener, room):
        ready(room)

        async def run() -> None:
            watch = asyncio.create_task(_watch(server, face, idle, parent))
            await server.serve(sockets=[listener])
            watch.cancel()

        asyncio.run(run())


async def _watch(
    server: uvicorn.Server, face: Face, idle: float | None, parent: int | None
) -> None:
    while not server.should_exit:
        await asyncio.sleep(_LOOK_SECONDS)
        bored = idle is not None and face.idle_seconds() > idle
        server.should_exit = server.should_exit or bored or not _alive(parent)


def _alive(parent: int | None) -> bool:
    if parent is None:
        return True
    with suppress(PermissionError):
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            return False
    return True


@contextmanager
def serving(face: Face, around: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> Iterator[Room]:
    """Serves in a thread of this process for as long as the block lasts."""
    with opened(face, around=around) as (server, listener, room):
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield room
        finally:
            server.should_exit = True
            thread.join(_GONE_SECONDS)
            if thread.is_alive():
                raise ProviderError("the face did not end in time")
