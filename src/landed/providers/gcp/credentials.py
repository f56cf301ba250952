"""Who asks: the user's own credentials, found in the order that Google's tools have.

1. the access token in CLOUDSDK_AUTH_ACCESS_TOKEN_FILE;
2. application default credentials, by google-auth: a file, or the machine's own on Google Cloud;
3. gcloud's active account, where there is nothing else: `gcloud auth print-access-token`.

Where CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT names one, all of them ask as that one.
"""

from __future__ import annotations

import base64
import re
import shutil
import socket
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from urllib.parse import quote

from landed.core.errors import ProviderError, UsageError
from landed.http.failures import plain
from landed.http.transport import Transport

TOKEN_FILE = "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"  # noqa: S105 - the name of a variable
IMPERSONATE = "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
GCLOUD_SECONDS = 30.0
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_LARGEST = 64 << 10
_SHORTEST = 8  # a shorter one is none of Google's, and may be a part of any word
_PRODUCT = Path("/sys/class/dmi/id/product_name")
_METADATA, _METADATA_SECONDS = "169.254.169.254", 0.5
_LOGIN = "gcloud auth login, or gcloud auth application-default login"


class Source(Protocol):
    """Where tokens come from. `name` says whose they are, in words without a secret."""

    name: str

    def token(self, *, renew: bool) -> str:
        """A token that is valid now; after a refusal, another one (`renew`)."""


class Who:
    """Who asks, for all questions of one trace. Credentials are looked for at the first one."""

    def __init__(self, environ: Mapping[str, str], transport: Transport) -> None:
        self._environ, self._transport = environ, transport
        self._lock = Lock()
        self._source: Source | None = None
        self._token = ""
        self._secrets: list[str] = []
        self.name = "who asks"

    def header(self) -> dict[str, str]:
        """What to send along. Raises UsageError where there are no credentials."""
        with self._lock:
            if not self._token:
                self._token = self._fetched(renew=False)
            return _bearer(self._token)

    def renewed(self, refused: Mapping[str, str]) -> dict[str, str]:
        """What to send after a refusal: several questions that were refused at once renew once."""
        with self._lock:
            if _bearer(self._token) == refused:
                self._token = self._fetched(renew=True)
            return _bearer(self._token)

    def hidden(self, words: str) -> str:
        """A server's words without the tokens that were sent to it, however it echoes them."""
        for secret in self._secrets:
            words = words.replace(secret, "***")
        return words

    def _fetched(self, *, renew: bool) -> str:
        if self._source is None:
            self._source = _find(self._environ, self._transport)
            self.name = self._source.name
        token = self._source.token(renew=renew)
        if not _TOKEN.fullmatch(token):
            raise ProviderError(f"{self.name} gives no token", _LOGIN)
        if len(token) >= _SHORTEST:
            forms = {token, quote(token, safe=""), *_encoded(token)}
            # The longest first: a token may begin with another one.
            self._secrets = sorted({*self._secrets, *forms}, key=len, reverse=True)
        return token


def _encoded(token: str) -> Iterator[str]:
    """The token in base64, as it looks behind any other text, by both alphabets."""
    for before in range(3):
        data = bytes(before) + token.encode()
        # The first and the last character may hold bits of a neighbour.
        own = slice(before and before + 1, len(data) * 8 // 6)
        yield base64.b64encode(data).decode()[own]
        yield base64.urlsafe_b64encode(data).decode()[own]


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


class _File:
    """A file that holds a token; another process may renew it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.name = f"the access token in {TOKEN_FILE}"

    def token(self, *, renew: bool) -> str:
        """What stands in it now."""
        del renew
        try:
            with Path(self._path).open("rb") as file:
                return file.read(_LARGEST).decode("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise UsageError(
                f"the file that {TOKEN_FILE} names cannot be read: {why}", f"unset {TOKEN_FILE}"
            ) from error


class _Gcloud:
    """gcloud's active account: the user's own tool, asked for the user's own token."""

    name = "gcloud's active account"

    def __init__(self, gcloud: str) -> None:
        self._gcloud = gcloud

    def token(self, *, renew: bool) -> str:
        """What gcloud prints; it renews by itself."""
        del renew
        words = [self._gcloud, "auth", "print-access-token", "--quiet"]
        try:
            done = subprocess.run(
                words,
                capture_output=True,
                text=True,
                check=False,
                timeout=GCLOUD_SECONDS,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise ProviderError(
                f"gcloud gave no token within {GCLOUD_SECONDS:.0f} s", "gcloud auth list"
            ) from error
        except OSError as error:
            raise ProviderError(f"gcloud cannot be started: {error.strerror}", _LOGIN) from error
        if done.returncode:
            raise ProviderError(f"gcloud gives no token: {plain(done.stderr)}", _LOGIN)
        return done.stdout.strip()


class _Google:
    """Credentials of google-auth, renewed over landed's own client."""

    def __init__(self, credentials: Any, request: Any, name: str) -> None:
        self.credentials, self._request, self.name = credentials, request, name

    def token(self, *, renew: bool) -> str:
        """A valid one."""
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - slow to load

        try:
            if renew or not self.credentials.valid:
                self.credentials.refresh(self._request)
        except GoogleAuthError as error:
            raise ProviderError(
                f"Google gives no token to {self.name}: {plain(str(error.args[0]))}", _LOGIN
            ) from error
        return str(self.credentials.token or "")


def _find(environ: Mapping[str, str], transport: Transport) -> Source:
    """The first of the ways that is there. Raises UsageError where none is."""
    target = environ.get(IMPERSONATE, "")
    named = environ.get(TOKEN_FILE, "")
    gcloud = shutil.which("gcloud", path=environ.get("PATH", ""))
    found: Source | None = _File(named) if named else _application_default(environ, transport)
    if found is None and gcloud:
        # gcloud impersonates by itself: it reads the same variable.
        return _Gcloud(gcloud)
    if found is None:
        raise UsageError("there are no credentials for Google Cloud", _LOGIN)
    return _impersonated(found, target, transport) if target else found


def _application_default(environ: Mapping[str, str], transport: Transport) -> _Google | None:
    """Application default credentials; None where there are none."""
    folder = environ.get("CLOUDSDK_CONFIG") or str(Path.home() / ".config" / "gcloud")
    well_known = Path(folder) / "application_default_credentials.json"
    named = environ.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    if not (named or well_known.is_file() or _on_google(environ)):
        return None
    google, request = _library(), _request(transport)
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if well_known.is_file() and not named:
                # `default` would start gcloud to learn a project that nobody asks for.
                found, _ = google.load_credentials_from_file(
                    str(well_known), scopes=SCOPES, request=request
                )
            else:
                found, _ = google.default(scopes=SCOPES, request=request)
    except GoogleAuthError as error:
        if not named and not well_known.is_file():
            return None
        raise UsageError(
            f"the application default credentials cannot be read: {plain(str(error.args[0]))}",
            "gcloud auth application-default login",
        ) from error
    who = getattr(found, "service_account_email", None)
    words = f"{who}" if who and who != "default" else "the application default credentials"
    return _Google(found, request, words)


def _on_google(environ: Mapping[str, str]) -> bool:
    """Whether this machine may be one of Google's: asking any other would wait for nothing."""
    if environ.get("GCE_METADATA_HOST"):
        return True
    try:
        return _PRODUCT.read_text().startswith("Google")
    except OSError:
        pass
    try:
        # A container may hide what it runs on. A connection says it, or nothing does soon.
        socket.create_connection((_METADATA, 80), _METADATA_SECONDS).close()
    except OSError:
        return False
    return True


def _impersonated(source: Source, target: str, transport: Transport) -> Source:
    """The service account that the user acts as."""
    _library()
    from google.auth import impersonated_credentials  # noqa: PLC0415
    from google.oauth2.credentials import Credentials  # noqa: PLC0415

    begun: Any = source.credentials if isinstance(source, _Google) else None
    own: Any = Credentials  # google-auth's types say nothing of its arguments
    made: Any = impersonated_credentials.Credentials
    found = made(
        source_credentials=begun or own(source.token(renew=False)),
        target_principal=target,
        target_scopes=list(SCOPES),
    )
    return _Google(found, _request(transport), f"{target} (as {source.name})")


def _library() -> Any:
    try:
        import google.auth  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise UsageError(
            "google-auth is not installed, which these credentials need",
            "in landed's checkout: pip install '.[gcp]'",
        ) from error
    return google.auth


def _request(transport: Transport) -> Any:
    from landed.providers.gcp.google_auth import Request  # noqa: PLC0415 - loads google-auth

    return Request(transport)
