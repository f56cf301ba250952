"""Provenance is worth what its signature is: verified, unverified and unsigned are three things."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from landed.core.model import Evidence, Strength, Unseen
from landed.providers.gcp.provenance import KEYS
from providers.gcp.google import COMMIT, IMAGE, PROJECT, Google, refuse

BUILDER = "https://cloudbuild.googleapis.com/GoogleHostedWorker"
V1, V01 = "https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.1"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
KIND = "application/vnd.in-toto+json"


def statement(digest: str, version: str, builder: str = BUILDER) -> dict[str, Any]:
    material = {"uri": "git+https://git.example/shop.git", "digest": {"sha1": COMMIT}}
    v1 = {
        "buildDefinition": {"resolvedDependencies": [material]},
        "runDetails": {"builder": {"id": builder}},
    }
    v01 = {"builder": {"id": f"{builder}@v0.3"}, "materials": [material]}
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": version,
        "subject": [{"name": IMAGE, "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicate": v1 if version == V1 else v01,
    }


def occurrence(said: dict[str, Any], digest: str, *signers: ec.EllipticCurvePrivateKey) -> Any:
    payload = json.dumps(said).encode()
    meant = b"DSSEv1 %d %b %d %b" % (len(KIND), KIND.encode(), len(payload), payload)
    signatures = [signer.sign(meant, ec.ECDSA(hashes.SHA256())) for signer in signers]
    return {
        "name": f"projects/{PROJECT}/occurrences/1",
        "kind": "BUILD",
        "resourceUri": f"https://{IMAGE}@{digest}",
        "envelope": {
            "payload": base64.urlsafe_b64encode(payload).decode().rstrip("="),
            "payloadType": KIND,
            "signatures": [
                {"sig": base64.urlsafe_b64encode(one).decode(), "keyid": "k"} for one in signatures
            ],
        },
    }


def seen(google: Google, folder: Path, *, trusting: bool = True) -> Evidence:
    """The one piece of evidence about provenance."""
    keys = folder / "keys"
    keys.mkdir(exist_ok=True)
    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (keys / "google.pem").write_bytes(pem)
    more = {KEYS: str(keys)} if trusting else {}
    builds = google.view(folder, more=more).builds()
    assert not isinstance(builds, Unseen), builds
    (one,) = [e for e in builds[0].build.evidence if "provenance" in e.facts]
    return one


@pytest.mark.parametrize("version", [V1, V01])
def test_signed_by_a_key_at_hand(google: Google, tmp_path: Path, version: str) -> None:
    digest = google.image.digest
    google.occurrences = [occurrence(statement(digest, version), digest, KEY)]
    one = seen(google, tmp_path)
    assert one.strength is Strength.ATTESTED
    assert (one.facts["signature"], one.facts["key"]) == ("verified", "google.pem")
    assert one.facts["commits"] == [COMMIT]
    assert "--show-provenance" in one.see


def test_no_key_at_hand(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    google.occurrences = [occurrence(statement(digest, V1), digest, KEY)]
    one = seen(google, tmp_path, trusting=False)
    assert (one.strength, one.facts["signature"]) == (Strength.RECORDED, "unverified")


def test_signed_by_somebody_else(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    google.occurrences = [occurrence(statement(digest, V1), digest, OTHER)]
    one = seen(google, tmp_path)
    assert (one.strength, one.facts["signature"]) == (Strength.RECORDED, "unverified")


def test_a_payload_that_was_changed_after_the_signature(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    made = occurrence(statement(digest, V1), digest, KEY)
    changed = json.dumps(statement(digest, V1) | {"more": 1}).encode()
    made["envelope"]["payload"] = base64.b64encode(changed).decode()
    google.occurrences = [made]
    assert seen(google, tmp_path).strength is Strength.RECORDED


def test_unsigned(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    google.occurrences = [occurrence(statement(digest, V1), digest)]
    one = seen(google, tmp_path)
    assert (one.strength, one.facts["signature"]) == (Strength.CLAIMED, "unsigned")


def test_another_builder(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    said = statement(digest, V1, "https://evil.example/Worker")
    google.occurrences = [occurrence(said, digest, KEY)]
    one = seen(google, tmp_path)
    assert one.strength is Strength.RECORDED
    assert one.facts["builder_is_cloud_build"] is False


def test_about_another_image(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    google.occurrences = [occurrence(statement("sha256:" + "0" * 64, V1), digest, KEY)]
    one = seen(google, tmp_path)
    assert (one.strength, one.facts["about_this_image"]) == (Strength.CLAIMED, False)


def test_another_commit_than_the_record(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    git = {"url": "https://git.example/shop.git", "revision": "b" * 40}
    google.builds[0]["source"] = {"gitSource": git}
    google.builds[0]["sourceProvenance"] = {"resolvedGitSource": git}
    google.occurrences = [occurrence(statement(digest, V1), digest, KEY)]
    assert seen(google, tmp_path).facts["contradicts_the_record"] is True


def test_what_cannot_be_asked_takes_nothing_away(google: Google, tmp_path: Path) -> None:
    google.spoil("occurrences", lambda asked: refuse(asked, 403, "no", "PERMISSION_DENIED"))
    one = seen(google, tmp_path)
    assert one.strength is Strength.CLAIMED
    assert one.facts["provenance"] is None
    assert "may not see" in one.facts["not_seen"]
