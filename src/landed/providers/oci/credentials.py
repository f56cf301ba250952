"""The user's own credentials, from where docker and podman keep them.

A credential helper is a program that the user's own configuration names. It runs as docker runs
it: `docker-credential-NAME get`, with the host on its input.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from landed.content.image.reference import HUB, Reference
from landed.core.errors import ProviderError, UsageError
from landed.core.model import Frozen, learned

_HUB_OLD = "index.docker.io"
_HUB_KEY = f"https://{_HUB_OLD}/v1/"
_HELPER = re.compile(r"[A-Za-z0-9_-]+")
_LARGEST = 4 << 20
_NOT_FOUND = b"credentials not found"
_TOKEN_USER = "<token>"  # noqa: S105 - the name that a helper gives instead of a user's


class Credentials(Frozen):
    """A name with its password, or an identity token. Neither is ever shown."""

    username: str = ""
    password: str = ""
    identity: str = ""

    def __repr__(self) -> str:
        return "Credentials(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # rich does not ask `__repr__`
        return []


class _Login(msgspec.Struct, rename="lower"):
    auth: str | None = None
    username: str | None = None
    password: str | None = None
    identitytoken: str | None = None

    def __repr__(self) -> str:
        return "_Login(…)"


class _Config(msgspec.Struct, rename="camel"):
    auths: dict[str, _Login | None] | None = None
    cred_helpers: dict[str, str] | None = None
    creds_store: str | None = None


class _Helped(msgspec.Struct, rename="pascal"):
    username: str
    secret: str

    def __repr__(self) -> str:
        return "_Helped(…)"


learned(_Config, _Helped)


def find(reference: Reference, seconds: float) -> Credentials | None:
    """What is stored for a registry, None where nothing is. A helper gets `seconds` to answer.

    Raises UsageError where a configuration cannot be read, ProviderError where a helper fails.
    """
    for path in _places():
        config = _read(path)
        if config is None:
            continue
        helpers = {_host_of(key): name for key, name in (config.cred_helpers or {}).items()}
        helper = helpers.get(reference.host) or config.creds_store
        found = (
            _helped(helper, _HUB_KEY if reference.host == HUB else reference.host, seconds)
            if helper
            else _stored(config.auths or {}, reference, path)
        )
        if found:
            return found
    return None


def _places() -> list[Path]:
    """Docker's own configuration first, then podman's."""
    home = os.environ.get("DOCKER_CONFIG")
    places = [(Path(home) if home else Path.home() / ".docker") / "config.json"]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        places.append(Path(runtime) / "containers" / "auth.json")
    return places


def _read(path: Path) -> _Config | None:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST)
        return msgspec.json.decode(data, type=_Config)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "see its rights") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Without the cause: nothing of a file with passwords may come along.
        raise UsageError(
            f"{path} is no configuration of docker's", "mend it, or `docker login` again"
        ) from None


def _stored(
    auths: dict[str, _Login | None], reference: Reference, path: Path
) -> Credentials | None:
    """The entry of the repository, of a folder above it, or of the host: podman has all three."""
    entries = {_host_of(key): login for key, login in auths.items()}
    parts = [reference.host, *reference.repository.split("/")]
    for length in range(len(parts), 0, -1):
        login = entries.get("/".join(parts[:length]))
        if login:
            return _logged_in(login, path)
    return None


def _host_of(key: str) -> str:
    """What an entry is for; older ones are addresses, as Docker Hub's still is."""
    name = re.sub(r"^https?://", "", key)
    name = re.sub(r"/v[12]/?$", "", name).rstrip("/")
    return HUB if name == _HUB_OLD else name


def _logged_in(login: _Login, path: Path) -> Credentials | None:
    username, password = login.username or "", login.password or ""
    if login.auth:
        try:
            plain = base64.b64decode(login.auth, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise UsageError(f"an entry of {path} is damaged", "`docker login` again") from None
        username, _, password = plain.rstrip("\0").partition(":")
    if login.identitytoken:
        return Credentials(username=username, identity=login.identitytoken)
    return Credentials(username=username, password=password) if username else None


def _helped(name: str, host: str, seconds: float) -> Credentials | None:
    if not _HELPER.fullmatch(name):
        raise UsageError(
            f"`{name[:80]}` is no credential helper's name", "letters, digits, `-` and `_` alone"
        )
    program = f"docker-credential-{name}"
    by_hand = f"see that `docker pull` from {host} works: it uses the same helper"
    try:
        done = subprocess.run(
            [program, "get"],
            input=host.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError:
        raise ProviderError(
            f"the credential helper {program} is not installed",
            f"install it, or take {name} out of docker's configuration",
        ) from None
    except subprocess.TimeoutExpired:
        raise ProviderError(f"{program} did not answer within {seconds:g} s", by_hand) from None
    except OSError as error:
        raise ProviderError(f"{program} cannot be started: {error.strerror}", by_hand) from None
    if done.returncode and _NOT_FOUND in (done.stdout + done.stderr).lower():
        return None
    if done.returncode:
        raise ProviderError(f"{program} ended {done.returncode}", by_hand)
    try:
        found = msgspec.json.decode(done.stdout[:_LARGEST], type=_Helped)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProviderError(f"{program} answered no credentials", by_hand) from None
    if not found.secret:
        return None
    if found.username == _TOKEN_USER:
        return Credentials(identity=found.secret)
    return Credentials(username=found.username, password=found.secret)
