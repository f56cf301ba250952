"""Reads one repository of a container registry, and moves its tags."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import IO

import msgspec

from landed.content.image.manifest import MANIFEST, document
from landed.content.image.reference import DIGEST, HUB, Reference
from landed.core.errors import DataError, ProviderError
from landed.core.model import Frozen, learned
from landed.http.blob import Blob
from landed.http.patience import Patience
from landed.http.transport import Answer, Transport
from landed.providers.oci.auth import Asker, Auth

_HUB_API = "registry-1.docker.io"
_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFESTS = f"""
    application/vnd.oci.image.manifest.v1+json,
    {_INDEX},
    application/vnd.docker.distribution.manifest.v2+json,
    application/vnd.docker.distribution.manifest.list.v2+json
"""
ACCEPT = " ".join(_MANIFESTS.split())
_PAGES = 64
_BUFFER = 1 << 18
_TRIES = 4
_AGAIN = "ask again; if it stays, ask the registry's keeper"


class Descriptor(Frozen, rename="camel"):
    """What refers to a manifest: a signature, an attestation. Its own bytes tell if it is true."""

    digest: str
    size: int
    media_type: str = ""
    artifact_type: str = ""
    annotations: dict[str, str] = {}


class _Manifest(msgspec.Struct, rename="camel"):
    schema_version: int


class _List(msgspec.Struct):
    manifests: list[Descriptor]


learned(_List, _Manifest)


class Registry:
    """One repository at its registry, as `landed.content.image.blobs.Blobs` has it.

    Every method raises ProviderError where the registry fails, refuses or does not answer, and
    DataError where what it has is missing or altered. Blobs may be read from several threads.
    """

    def __init__(
        self, transport: Transport, auth: Asker, base: str, reference: Reference, tries: int
    ) -> None:
        self._transport, self._auth, self._base = transport, auth, base
        self._reference, self._tries = reference, tries

    @classmethod
    @contextmanager
    def open(cls, reference: Reference, patience: Patience | None = None) -> Iterator[Registry]:
        """The repository that `reference` names. On this machine it is asked whether it speaks TLS;
        else nothing is asked yet.
        """
        patience = patience or Patience()
        with closing(Transport(patience)) as transport:
            base = transport.base(_HUB_API if reference.host == HUB else reference.host)
            auth = Auth(transport, reference, base, patience.helper)
            yield cls(transport, auth, base, reference, patience.tries)

    @classmethod
    @contextmanager
    def opened_by(
        cls, reference: Reference, transport: Transport, asker: Asker | None
    ) -> Iterator[Registry]:
        """The repository that `reference` names, over a client that is there already. Without an
        `asker` it is opened as any other, by what docker has stored.
        """
        if asker is None:
            with cls.open(reference) as registry:
                yield registry
        else:
            yield cls(transport, asker, f"https://{reference.host}", reference, _TRIES)

    def resolve(self) -> str:
        """The digest of the manifest or index that the reference names now."""
        wanted = self._reference.wanted
        head = self._ask("HEAD", self._url("manifests", wanted), ACCEPT)
        digest = head.headers.get("docker-content-digest", "") if head.status == 200 else ""
        if not DIGEST.fullmatch(digest):
            # It says nothing, or no reason why not: the whole answer does.
            digest = _digest(self._manifest(wanted))
        if self._reference.digest not in {None, digest}:
            raise _altered(self._reference.host, wanted)
        return digest

    def fetched(self) -> tuple[str, bytes]:
        """What `resolve` answers, with the manifest's own bytes: one question for both."""
        wanted = self._reference.wanted
        body = self._manifest(wanted)
        digest = _digest(body)
        if self._reference.digest not in {None, digest}:
            raise _altered(self._reference.host, wanted)
        return digest, body

    def put(self, manifest: bytes) -> None:
        """Points the reference's tag to a manifest whose parts are in the repository already. It
        may be done twice.
        """
        wanted = self._reference.wanted
        found = document(manifest, wanted)
        kind = str(found.get("mediaType") or (_INDEX if "manifests" in found else MANIFEST))
        answer = self._ask("PUT", self._url("manifests", wanted), ACCEPT, kind, manifest)
        if answer.status != 201:
            self._judge(answer, wanted)

    def manifest(self, digest: str) -> bytes:
        """A manifest's or an index's own bytes, verified, at most 16 MiB."""
        body = self._manifest(_valid(digest))
        if _digest(body) != digest:
            raise _altered(self._reference.host, digest)
        return body

    @contextmanager
    def blob(self, digest: str) -> Iterator[IO[bytes]]:
        """A blob's own bytes, forward once, not verified: the reader hashes what it reads."""
        url = self._url("blobs", _valid(digest))
        with Blob(lambda start: self._stream(url, digest, start), self._tries) as blob:
            yield io.BufferedReader(blob, _BUFFER)

    def referrers(self, digest: str) -> list[Descriptor]:
        """What says of itself that it refers to a manifest; empty where nothing does.

        A registry without this question is asked for the tag that stands in for it.
        """
        url = self._url("referrers", _valid(digest))
        found: list[Descriptor] = []
        for page in range(_PAGES):
            answer = self._ask("GET", url, _INDEX)
            if answer.status == 404 and not page:
                tag = digest.replace(":", "-")
                answer = self._ask("GET", self._url("manifests", tag), _INDEX)
                if answer.status == 404:
                    return []
            self._judge(answer, f"referrers of {digest}")
            found += self._listed(answer)
            path = answer.next_page()
            if path is None:
                return found
            url = self._base + path
        raise ProviderError(
            f"{self._reference.host} has more than {_PAGES} pages of referrers", _AGAIN
        )

    def _listed(self, answer: Answer) -> list[Descriptor]:
        try:
            found = msgspec.json.decode(answer.body, type=_List).manifests
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ProviderError(f"{answer.host} answered no list of referrers", _AGAIN) from error
        for one in found:
            _valid(one.digest)
        return found

    def _manifest(self, wanted: str) -> bytes:
        """A manifest by tag or digest, which its header does not contradict."""
        answer = self._ask("GET", self._url("manifests", wanted), ACCEPT)
        self._judge(answer, wanted)
        try:
            schema = msgspec.json.decode(answer.body, type=_Manifest).schema_version
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise DataError(f"{answer.host} answered no manifest for {wanted}", _AGAIN) from error
        if schema != 2:
            raise DataError(
                f"{wanted} of {self._reference.repository} is in docker's first schema",
                "push it again with a docker of this decade",
            )
        said = answer.headers.get("docker-content-digest", "")
        if said.startswith("sha256:") and said != _digest(answer.body):
            raise _altered(answer.host, wanted)
        return answer.body

    def _url(self, kind: str, name: str) -> str:
        return f"{self._base}/v2/{self._reference.repository}/{kind}/{name}"

    def _ask(
        self, method: str, url: str, accept: str, kind: str = "", body: bytes | None = None
    ) -> Answer:
        """An answer, after saying who asks where that is wanted. A refusal is one as well. `kind`
        is the type of a body.
        """
        own = {"accept": accept, **({"content-type": kind} if kind else {})}
        sent = self._auth.header()
        answer = self._transport.ask(method, url, {**own, **sent}, body)
        if answer.status == 401 and not answer.elsewhere:
            sent = self._auth.answer(answer, sent)
            answer = self._transport.ask(method, url, {**own, **sent}, body)
        return answer

    @contextmanager
    def _stream(self, url: str, digest: str, start: int) -> Iterator[Answer]:
        """A blob from the byte `start` on, after saying who asks where that is wanted."""
        part = {"range": f"bytes={start}-"} if start else {}
        sent = self._auth.header()
        with ExitStack() as held:
            answer = held.enter_context(self._transport.stream(url, part | sent))
            if answer.status == 401 and not answer.elsewhere:
                sent = self._auth.answer(answer, sent)
                answer = held.enter_context(self._transport.stream(url, part | sent))
            self._judge(answer, digest, partly=bool(start))
            yield answer

    def _judge(self, answer: Answer, what: str, *, partly: bool = False) -> None:
        """Raises what an answer means, where it is not what was asked for."""
        if answer.status == 401 and not answer.elsewhere:
            raise self._auth.unauthorized(answer.body)
        if answer.status != 200 and not (partly and answer.status == 206):
            host = answer.host if answer.elsewhere else self._reference.host
            raise self._auth.refused(host, what, answer.status, answer.body)


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _valid(digest: str) -> str:
    if not DIGEST.fullmatch(digest):
        raise DataError(f"`{digest[:80]}` is no digest", "digests read sha256:<64 hex>")
    return digest


def _altered(host: str, wanted: str) -> DataError:
    return DataError(
        f"what {host} gives for {wanted} is not what its digest says",
        "trust none of it: ask again, then ask the registry's keeper",
    )
