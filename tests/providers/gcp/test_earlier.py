"""Images that ran earlier: read side by side once one of them is asked for, and kept."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier

from landed.core.model import Unseen
from providers.gcp.google import IMAGE, JOB, Google, Painted, digest_of, execution, packed
from providers.oci.faults import Asked

COUNT = 5


def ran(google: Google, images: list[Painted] | None = None) -> list[Painted]:
    """Images that executions before the newest one ran; the registry has them."""
    if images is None:
        images = [Painted(layer=packed({"app/job.py": b"print(%d)\n" % n})) for n in range(COUNT)]
    google.executions += [
        execution(f"worker-{number}", f"{IMAGE}@{one.digest}", 60 + number)
        for number, one in enumerate(images)
    ]
    for one in images:
        for body in (one.manifest, one.config, one.layer):
            google.spoil(digest_of(body), lambda asked, body=body: asked.say(200, body))  # type: ignore[misc] # a default
    return images


def of_images(google: Google) -> int:
    """How many questions the registry was asked so far."""
    return sum(part in one.path for one in google.server.asked for part in ("manifests", "blobs"))


def test_they_are_read_side_by_side(google: Google, tmp_path: Path) -> None:
    images = ran(google)
    together = Barrier(COUNT, timeout=120)
    for one in images:

        def wait(asked: Asked, body: bytes = one.manifest) -> None:
            together.wait()
            asked.say(200, body)

        google.spoil(one.digest, wait)
    view = google.view(tmp_path)
    for number, one in enumerate(images):
        content = view.image(one.digest)
        assert not isinstance(content, Unseen), content
        assert content.read(["app/job.py"]) == {"app/job.py": b"print(%d)\n" % number}


def test_a_layer_of_several_is_read_once(google: Google, tmp_path: Path) -> None:
    layer = packed({"app/job.py": b"print(1)\n"})
    images = [Painted(layer, [{"comment": str(number)}]) for number in range(COUNT)]
    ran(google, images)
    view = google.view(tmp_path)
    assert not [one for one in images if isinstance(view.image(one.digest), Unseen)]
    asked = [path for path in google.server.paths() if digest_of(layer) in path]
    assert len(asked) == 1, asked


def test_a_healthy_chain_asks_for_none_of_them(google: Google, tmp_path: Path) -> None:
    ran(google)
    view = google.view(tmp_path)
    assert not isinstance(view.image(google.image.digest), Unseen)
    assert not isinstance(view.executions(JOB), Unseen)
    assert of_images(google) <= 4, google.server.paths()


def test_the_next_trace_asks_for_none_of_them_again(google: Google, tmp_path: Path) -> None:
    images = ran(google)
    view = google.view(tmp_path)
    assert not [one for one in images if isinstance(view.image(one.digest), Unseen)]
    google.server.asked.clear()
    view = google.view(tmp_path)
    assert not [one for one in images if isinstance(view.image(one.digest), Unseen)]
    paths = google.server.paths()
    assert not [path for path in paths for one in images if one.digest in path], paths
    assert not [p for p in paths for one in images if digest_of(one.config) in p], paths


def test_what_was_kept_and_altered_is_asked_for_again(google: Google, tmp_path: Path) -> None:
    images = ran(google)
    view = google.view(tmp_path)
    assert not [one for one in images if isinstance(view.image(one.digest), Unseen)]
    other = images[1].manifest
    (tmp_path / "layers" / "documents" / images[0].digest.removeprefix("sha256:")).write_bytes(
        other
    )
    google.server.asked.clear()
    content = google.view(tmp_path).image(images[0].digest)
    assert not isinstance(content, Unseen), content
    assert content.read(["app/job.py"]) == {"app/job.py": b"print(0)\n"}
    assert [path for path in google.server.paths() if images[0].digest in path]
