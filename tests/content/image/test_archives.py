"""Archives on disk: what docker saves now and saved once, layouts in a tar, plain ones, damage."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zstandard

from landed.content.image import archive, cache
from landed.content.image.image import Image
from landed.content.image.layout import Layout
from landed.content.image.manifest import members, pick
from landed.core.errors import DataError, LandedError, UsageError

APP = {"app/a.py": b"A = 1\n", "app/b/c.txt": b"text\n" * 500}
Made = Callable[[Path], Path]


def tar(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as out:
        for path, data in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
        for path, target in (links or {}).items():
            info = tarfile.TarInfo(path)
            info.type, info.linkname = tarfile.SYMTYPE, target
            out.addfile(info)
    return made.getvalue()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def layout_files(*layers: bytes, name: str = "shop/worker:1") -> dict[str, bytes]:
    """An OCI layout with one image, as a folder's files."""
    packed = [gzip.compress(layer, mtime=0) for layer in layers]
    diffs = [f"sha256:{sha(layer)}" for layer in layers]
    machine = {"os": "linux", "architecture": "amd64"}
    config = json.dumps({**machine, "rootfs": {"diff_ids": diffs}})
    described = {
        "schemaVersion": 2,
        "config": {"digest": f"sha256:{sha(config.encode())}", "size": len(config)},
        "layers": [{"digest": f"sha256:{sha(data)}", "size": len(data)} for data in packed],
    }
    manifest = json.dumps(described).encode()
    notes = {"org.opencontainers.image.ref.name": name}
    listed = {"digest": f"sha256:{sha(manifest)}", "size": len(manifest), "annotations": notes}
    blobs = [config.encode(), manifest, *packed]
    return {
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        "index.json": json.dumps({"schemaVersion": 2, "manifests": [listed]}).encode(),
        **{f"blobs/sha256/{sha(blob)}": blob for blob in blobs},
    }


def saved_once(*layers: bytes) -> bytes:
    """What `docker save` wrote before it knew OCI; equal layers are links to each other."""
    config = json.dumps({"rootfs": {"diff_ids": [f"sha256:{sha(layer)}" for layer in layers]}})
    paths = [f"{sha(b'%d' % number)}/layer.tar" for number in range(len(layers))]
    about = [{"Config": "c.json", "RepoTags": ["shop/worker:1"], "Layers": paths}]
    files = {"c.json": config.encode(), "manifest.json": json.dumps(about).encode()}
    links: dict[str, str] = {}
    for path, layer in zip(paths, layers, strict=True):
        twin = next((p for p in files if files[p] == layer), None)
        if twin:
            links[path] = f"../{twin}"
        else:
            files[path] = layer
    return tar(files, links)


def folder(place: Path) -> Path:
    for path, data in layout_files(tar(APP), tar({"app/a.py": b"A = 2\n"})).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)
    return place


SHAPES: dict[str, bytes] = {
    "a layout in a tar": tar(layout_files(tar(APP), tar({"app/a.py": b"A = 2\n"}))),
    "what docker saves": tar(
        {**layout_files(tar(APP), tar({"app/a.py": b"A = 2\n"})), "manifest.json": b"[]"}
    ),
    "what docker saved once": saved_once(tar(APP), tar({"app/a.py": b"A = 2\n"})),
    "plain files": tar({**APP, "app/a.py": b"A = 2\n"}),
    "equal layers": saved_once(
        tar({"app/a.py": b"A = 2\n"}), tar(APP), tar({"app/a.py": b"A = 2\n"})
    ),
}


def contents(path: Path) -> dict[str, bytes | None]:
    with archive.opened(path) as found:
        saved = archive.images(found)
        if saved is None:
            files = archive.Files(path, "sha1")
            return files.read(files.files)
        image = Image(saved, pick(saved, *saved.images.values()))
        return image.read(image.files("sha1"), image.files("sha1"))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_shows_the_same_files(tmp_path: Path, shape: str, pack: Any) -> None:
    place = tmp_path / "image.tar"
    place.write_bytes(pack(SHAPES[shape]))
    assert contents(place) == {**APP, "app/a.py": b"A = 2\n"}


def test_a_layout_on_disk_names_its_images(tmp_path: Path) -> None:
    layout = Layout(folder(tmp_path / "layout"))
    assert list(layout.images()) == ["shop/worker:1"]
    image = layout.image(layout.images()["shop/worker:1"])
    assert image.read(image.files("sha1"), ["app/a.py"]) == {"app/a.py": b"A = 2\n"}


def test_a_layer_of_a_saved_image_that_was_altered_is_noticed(tmp_path: Path) -> None:
    place = tmp_path / "image.tar"
    place.write_bytes(SHAPES["what docker saved once"].replace(b"A = 2\n", b"A = 3\n"))
    with pytest.raises(DataError, match="other content"):
        contents(place)


def test_a_missing_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError), archive.opened(tmp_path / "none.tar"):
        pass


@pytest.mark.parametrize("shape", SHAPES)
def test_damage_by_chance_is_an_error_or_nothing(tmp_path: Path, shape: str) -> None:
    chance = random.Random(shape)
    place = tmp_path / "image.tar"
    for _ in range(150):
        data = bytearray(SHAPES[shape])
        for _ in range(chance.choice([1, 1, 3])):
            at = chance.randrange(len(data))
            kind = chance.random()
            if kind < 0.6:
                data[at] ^= 1 << chance.randrange(8)
            elif kind < 0.8:
                del data[at:]
                data += b"\0"
            else:
                data[at : at + 40] = bytes(chance.randrange(256) for _ in range(40))
        place.write_bytes(data)
        # Anything else than an error of ours would end the test.
        with suppress(LandedError):
            contents(place)


def _children(*platforms: tuple[str, str] | None, attested: bool = False) -> dict[str, Any]:
    listed: list[dict[str, Any]] = []
    for number, platform in enumerate(platforms):
        entry: dict[str, Any] = {"digest": f"sha256:{number:064x}", "size": 1}
        if platform:
            entry["platform"] = {"os": platform[0], "architecture": platform[1]}
        listed.append(entry)
    if attested:
        listed.append(
            {
                "digest": f"sha256:{'f' * 64}",
                "platform": {"os": "unknown", "architecture": "unknown"},
                "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
            }
        )
    return {"schemaVersion": 2, "manifests": listed}


class _Index:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def manifest(self, digest: str) -> bytes:
        if digest == "index":
            return json.dumps(self._document).encode()
        return b'{"schemaVersion": 2, "layers": []}'

    def blob(self, digest: str) -> Any:
        raise AssertionError(digest)


@pytest.mark.parametrize(
    ("children", "platform", "chosen"),
    [
        ([("linux", "amd64"), ("linux", "arm64")], "linux/arm64", 1),
        ([("linux", "riscv64")], None, 0),
        ([None], None, 0),
        ([("linux", "amd64"), ("linux", "arm64"), ("windows", "amd64")], "windows/amd64", 2),
    ],
)
def test_an_index_is_asked_for_a_platform(
    children: list[Any], platform: str | None, chosen: int
) -> None:
    for attested in (False, True):
        found = pick(_Index(_children(*children, attested=attested)), "index", platform)
        assert found == f"sha256:{chosen:064x}"


def test_a_platform_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        pick(_Index(_children(("linux", "amd64"), ("linux", "arm64"))), "index", "linux/s390x")
    assert "linux/amd64, linux/arm64" in caught.value.hint


def test_a_layer_is_read_once(tmp_path: Path) -> None:
    layout = Layout(folder(tmp_path / "layout"))
    digest = layout.images()["shop/worker:1"]
    first = layout.image(digest).files("sha1", tmp_path / "cache")
    layers = [layer.digest for layer in layout.image(digest).manifest.layers]
    for layer in layers:
        layout.blob_path(layer).unlink()
    assert layout.image(digest).files("sha1", tmp_path / "cache") == first
    with pytest.raises(DataError):
        layout.image(digest).files("sha256", tmp_path / "cache")
    for kept in (tmp_path / "cache").iterdir():
        data = bytearray(kept.read_bytes())
        data[len(data) // 2] ^= 4
        kept.write_bytes(data)
    with pytest.raises(DataError):
        layout.image(digest).files("sha1", tmp_path / "cache")


def test_a_cached_layer_counts_for_itself_only(tmp_path: Path) -> None:
    one, other = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
    cache.save(tmp_path, one, "sha1", [])
    assert cache.load(tmp_path, one, "sha1") == []
    assert cache.load(tmp_path, one, "sha256") is None
    (tmp_path / f"{'a' * 64}-sha1").rename(tmp_path / f"{'b' * 64}-sha1")
    assert cache.load(tmp_path, other, "sha1") is None


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache.save(tmp_path / "file", f"sha256:{'a' * 64}", "sha1", [])
    assert cache.load(tmp_path / "file", f"sha256:{'a' * 64}", "sha1") is None


def test_an_attestation_is_no_image_of_an_index() -> None:
    two = _Index(_children(("linux", "amd64"), ("linux", "arm64"), attested=True))
    assert members(two, "index") == [f"sha256:{number:064x}" for number in range(2)]
    assert members(two, "an image") == []
