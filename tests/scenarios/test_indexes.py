"""Images of several platforms: a build pushes an index, and Cloud Run names the image that it runs.

The index is put into the store by skopeo, as a registry gets it from buildx: with an image for
another platform, and with an attestation that is an image of none.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landed.content.image.layout import Layout
from scenarios.front import SETTINGS as FRONT
from scenarios.front import Front
from scenarios.google_shop import IMAGE, PLACE, GoogleShop
from scenarios.shop import JOB, SCHOOL, Answer, bad

pytestmark = pytest.mark.skipif(not shutil.which("skopeo"), reason="skopeo is not installed")
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
AMD = {"os": "linux", "architecture": "amd64"}
ARM = {"os": "linux", "architecture": "arm64"}
NONE = {"os": "unknown", "architecture": "unknown"}
OF = "vnd.docker.reference.digest"
KIND = "vnd.docker.reference.type"


class Several(GoogleShop):
    """The shop whose builds push an index over what they have built."""

    own = ARM
    """The platform of the other image: what was built before, unless a test says otherwise."""

    def index(self, built: Answer, other: str) -> str:
        """Puts an index with this build's image and another one into the store, and into the
        build's record, as if buildx had pushed it; its digest.
        """
        layout = Layout(self.cloud / "images" / IMAGE)
        mine = str(built.data["digest"])
        listed = [self._listed(layout, mine, AMD), self._listed(layout, other, ARM)]
        told = self._attestation(layout, mine)
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [*listed, told]}
        digest = self._put(layout, index)
        from_ = self.folder / "index"
        shutil.rmtree(from_, ignore_errors=True)
        shutil.copytree(layout.root / "blobs", from_ / "blobs")
        (from_ / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
        size = layout.blob_path(digest).stat().st_size
        top = {"mediaType": INDEX, "digest": digest, "size": size}
        (from_ / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))
        words = ("skopeo", "copy", "--all", "--preserve-digests", "--insecure-policy", "-q")
        place = f"oci:{layout.root}:latest"
        subprocess.run([*words, f"oci:{from_}", place], check=True, capture_output=True, timeout=60)
        self._records(str(built.data["id"]), mine, digest)
        return digest

    def _listed(self, layout: Layout, digest: str, platform: dict[str, str]) -> dict[str, Any]:
        size = layout.blob_path(digest).stat().st_size
        return {"mediaType": MANIFEST, "digest": digest, "size": size, "platform": platform}

    def _attestation(self, layout: Layout, of: str) -> dict[str, Any]:
        empty = self._put(layout, {})
        config = {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": empty,
            "size": 2,
        }
        said = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
        found = self._listed(layout, self._put(layout, said), NONE)
        return {**found, "annotations": {OF: of, KIND: "attestation-manifest"}}

    def _put(self, layout: Layout, document: dict[str, Any]) -> str:
        data = json.dumps(document).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        layout.blob_path(digest).write_bytes(data)
        return digest

    def _records(self, build: str, old: str, new: str) -> None:
        place = self.cloud / "builds" / build / "build.json"
        document = json.loads(place.read_text())
        document["digest"] = new
        for image in document["images"]:
            image["digest"] = image["digest"].replace(old, new)
        place.write_text(json.dumps(document))

    def lose(self, *, fixes: str = SCHOOL) -> None:
        """Releases a worker with a bug, as an image of one platform."""
        self.change(bad(fixes), "Ask the school")
        self.push()
        self.before = self.release()


class SeveralFronts(Front, Several):
    """The same for a service: its revisions name the image that an index was resolved to."""

    settings_text = FRONT.replace("[environments.dev]\n", f"[environments.dev]\n{PLACE}")


@pytest.fixture(params=[Several, SeveralFronts], ids=["job", "service"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    made = request.param(tmp_path)
    yield made
    if isinstance(made, SeveralFronts):
        made.stop()
    made.close()


@pytest.mark.parametrize("pinned", [True, False], ids=["by digest", "by tag"])
def test_what_runs_is_an_image_of_the_index_that_was_pushed(shop: Any, *, pinned: bool) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    built = shop.build()
    index = shop.index(built, shop.before)
    shop.deploy(f"{JOB}@{index}" if pinned else f"{JOB}:latest")
    shop.execute()
    traced = shop.trace()
    if not pinned and not isinstance(shop, SeveralFronts):
        # Of a job's execution nothing but the tag is recorded.
        assert traced.verdict == "unproved", traced.said()
        assert not traced.broken()
        return
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")
    assert index in json.dumps(traced.link("built")["subject"])


def test_an_image_of_another_index_is_not_what_was_built(shop: Any) -> None:
    shop.lose()
    old = shop.index(shop.build(), shop.before)
    shop.deploy(f"{JOB}@{old}")
    shop.execute()
    shop.fix()
    shop.push()
    shop.index(shop.build(), shop.before)
    traced = shop.trace()
    traced.breaks("deployed", "spec-not-updated", beside=("healed",))
    assert traced.answers[0] == "no"


def test_the_image_for_the_platform_that_runs_is_looked_into(shop: Any) -> None:
    shop.lose()
    before = {"id": "", "digest": shop.before}
    shop.fix()
    shop.push()
    built = shop.build()
    # What was built for this platform is old: the change is in the image for the other one alone.
    mine = str(built.data["digest"])
    shop._records(str(built.data["id"]), mine, shop.before)
    index = shop.index(Answer(code=0, data={**before, "id": built.data["id"]}, err=""), mine)
    shop.deploy(f"{JOB}@{index}")
    shop.execute()
    traced = shop.trace()
    assert traced.verdict == "broken", traced.said()
    assert traced.data["first_break"] == "packed", traced.said()
    assert traced.answers[0] == "no"


@pytest.mark.parametrize("gone", ["the index", "all"])
def test_an_index_that_nobody_can_read_raises_no_alarm(shop: Any, gone: str) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    index = shop.index(shop.build(), shop.before)
    shop.deploy(f"{JOB}:latest")
    shop.execute()
    # As a clean-up policy leaves it that knows nothing of what still runs.
    layout = Layout(shop.cloud / "images" / IMAGE)
    for blob in (
        [layout.blob_path(index)] if gone == "the index" else list(layout.root.rglob("sha256/*"))
    ):
        blob.unlink()
    traced = shop.trace()
    assert (traced.code, traced.verdict) == (3, "unproved"), traced.said()
    assert not traced.broken(), traced.said()
    if isinstance(shop, SeveralFronts):
        # The image itself says what is in it, as long as it is there.
        assert traced.answers[0] == ("yes" if gone == "the index" else "unknown")
