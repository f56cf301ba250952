"""What Cloud Build attests of an image: SLSA provenance, v0.1 and v1.0, from Container Analysis.

An attestation is worth what its signature is. It is verified by keys that the user has put into
a folder, and called unverified where none of them fits: it is then no better than a record.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from landed.core.clock import now
from landed.core.errors import DataError
from landed.core.model import Evidence, Frozen, Station, Strength, learned
from landed.http.failures import plain
from landed.providers.gcp import identity
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.failures import Need
from landed.providers.gcp.place import Place
from landed.providers.gcp.shapes import artifacts

OCCURRENCES = Need(
    api="containeranalysis.googleapis.com",
    permission="containeranalysis.occurrences.list",
    role="roles/containeranalysis.occurrences.viewer",
)
KEYS = "LANDED_PROVENANCE_KEYS"
"""The variable that names a folder of public keys (`*.pem`). landed.toml has none on purpose: it
may be a stranger's.
"""
_BUILDER = "https://cloudbuild.googleapis.com/GoogleHostedWorker"
_PREDICATES = {
    "https://slsa.dev/provenance/v0.1": "v0.1",
    "https://slsa.dev/provenance/v1": "v1.0",
}
_PAYLOAD = "application/vnd.in-toto+json"
_MOST = 16


class _Subject(Frozen):
    digest: dict[str, str]
    name: str = ""


class _Statement(Frozen, rename="camel"):
    predicate_type: str
    subject: tuple[_Subject, ...]
    predicate: dict[str, Any]


learned(_Statement)


class Attested(Frozen):
    """One statement about an image. `signed` is `verified`, `unverified` or `unsigned`."""

    version: str
    builder: str
    signed: str
    key: str
    commits: tuple[str, ...]
    about: bool


def listed(api: Api, name: str, digest: str, keys: Mapping[str, bytes]) -> list[Attested]:
    """What is attested of an image. Raises DataError where a region did not answer."""
    uri = f"https://{name}@{digest}"
    query = {
        "filter": f"kind={msgspec.json.encode('BUILD').decode()} AND "
        f"resourceUrl={msgspec.json.encode(uri).decode()}",
        "pageSize": str(_MOST),
    }
    where = path("v1", "projects", api.place.project, "occurrences")
    what = f"provenance of {digest[:19]}"
    found = api.get(OCCURRENCES, what, where, artifacts.Occurrences, query)
    if found.unreachable:
        raise DataError(f"{what}: not all regions answered", "ask again later")
    for occurrence in found.occurrences:
        if occurrence.resource_uri != uri:
            raise identity.other(OCCURRENCES, what, occurrence.resource_uri)
    return [
        one
        for occurrence in found.occurrences
        if occurrence.kind == "BUILD" and (one := _attested(occurrence, digest, keys))
    ]


def _attested(
    occurrence: artifacts.Occurrence, digest: str, keys: Mapping[str, bytes]
) -> Attested | None:
    """One occurrence, by its envelope alone: what stands beside it is signed by nobody."""
    envelope = occurrence.envelope
    if envelope is None or envelope.payload_type != _PAYLOAD:
        return None
    try:
        payload = _decoded(envelope.payload)
        statement = msgspec.json.decode(payload, type=_Statement)
    except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, RecursionError):
        return None
    version = _PREDICATES.get(statement.predicate_type)
    if version is None:
        return None
    builder, commits = _read(statement.predicate, version)
    signed, key = _signed(envelope, payload, keys)
    wanted = digest.removeprefix("sha256:")
    return Attested(
        version=version,
        builder=plain(builder),
        signed=signed,
        key=key,
        commits=commits,
        about=any(subject.digest.get("sha256") == wanted for subject in statement.subject),
    )


def _read(predicate: Mapping[str, Any], version: str) -> tuple[str, tuple[str, ...]]:
    """Who built it, and the commits that went in."""
    if version == "v1.0":
        details, definition = _of(predicate, "runDetails"), _of(predicate, "buildDefinition")
        builder, materials = _of(details, "builder"), definition.get("resolvedDependencies")
    else:
        builder, materials = _of(predicate, "builder"), predicate.get("materials")
    commits = [
        str(found)
        for one in (materials if isinstance(materials, list) else [])[:_MOST]
        if isinstance(one, dict)
        and (found := _of(one, "digest").get("gitCommit") or _of(one, "digest").get("sha1"))
    ]
    return str(builder.get("id", "")), tuple(plain(one) for one in commits)


def _of(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def _decoded(text: str) -> bytes:
    """Base64, of either alphabet."""
    return base64.b64decode(text.replace("-", "+").replace("_", "/") + "==", validate=False)


def _signed(
    envelope: artifacts.Envelope, payload: bytes, keys: Mapping[str, bytes]
) -> tuple[str, str]:
    """Whether a key that is at hand made one of the signatures, and which."""
    if not envelope.signatures:
        return "unsigned", ""
    kind = envelope.payload_type.encode()
    meant = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    for signature in envelope.signatures:
        for name, key in keys.items():
            if _made_by(key, signature.sig, meant):
                return "verified", name
    return "unverified", ""


def _made_by(key: bytes, signature: str, meant: bytes) -> bool:
    """Whether this public key (PEM) verifies a signature: ECDSA with SHA-256, as Cloud Build's."""
    from cryptography.exceptions import (  # noqa: PLC0415 - slow to load, and google-auth's
        InvalidSignature,
        UnsupportedAlgorithm,
    )
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    try:
        public = serialization.load_pem_public_key(key)
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        public.verify(_decoded(signature), meant, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, binascii.Error):
        return False
    return True


def keys(folder: str) -> dict[str, bytes]:
    """The public keys that the user trusts, by their files' names."""
    return {file.name: file.read_bytes() for file in sorted(Path(folder).glob("*.pem"))[:_MOST]}


def evidence(
    found: Sequence[Attested], name: str, digest: str, commit: str | None, place: Place
) -> list[Evidence]:
    """The statements as evidence. `commit` is what the build's record says that it took."""
    return [_evidence(one, commit, _see(name, digest, place)) for one in found]


def unseen(why: str, name: str, digest: str, place: Place) -> Evidence:
    """That provenance could not be looked at: it adds nothing then, and takes nothing away."""
    return Evidence(
        station=Station.BUILD,
        strength=Strength.CLAIMED,
        facts={"provenance": None, "not_seen": why},
        see=_see(name, digest, place),
        observed_at=now(),
    )


def _see(name: str, digest: str, place: Place) -> str:
    image = f"{name}@{digest}"
    return place.gcloud("artifacts", "docker", "images", "describe", image, "--show-provenance")


def _evidence(one: Attested, commit: str | None, see: str) -> Evidence:
    """Attested is only what is about this image, signed by a key at hand, and made by Cloud Build
    itself.
    """
    builder = one.builder == _BUILDER or one.builder.startswith(f"{_BUILDER}@")
    proved = one.signed == "verified" and builder and one.about
    strength = Strength.ATTESTED if proved else Strength.RECORDED
    if not one.about or one.signed == "unsigned":
        strength = Strength.CLAIMED
    facts = {
        "provenance": f"SLSA {one.version}",
        "signature": one.signed,
        "key": one.key or None,
        "builder": one.builder,
        "builder_is_cloud_build": builder,
        "about_this_image": one.about,
        "commits": list(one.commits),
        "contradicts_the_record": bool(
            one.about and commit and one.commits and commit not in one.commits
        ),
    }
    return Evidence(
        station=Station.BUILD, strength=strength, facts=facts, see=see, observed_at=now()
    )
