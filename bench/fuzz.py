"""Damages what identify reads, many times: `./dev bench fuzz [INPUTS]`.

Layers, layouts, saved images, manifests, cached layers and indexes of histories, each valid at
first, are flipped, cut, spliced and repeated by chance, from fixed seeds. Nothing but an error of
ours may come out, each within its time.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import zstandard

from landed.content.identify import index_file
from landed.content.image import archive, cache
from landed.content.image.image import Image
from landed.content.image.layout import Layout
from landed.content.image.manifest import pick
from landed.core.errors import LandedError

LONGEST = 5.0
"""Seconds that one input may take."""


def plain_tar(kind: int) -> bytes:
    """A tar with something of everything."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=kind) as tar:
        for number in range(6):
            info = tarfile.TarInfo(f"app/{'deep/' * number}f{number}" + "x" * 30 * number)
            info.size = 300 * number
            info.uid = 10**7 * number
            tar.addfile(info, io.BytesIO(b"%d" % number * 300 * number))
        for name, flag, target in (
            ("link", tarfile.SYMTYPE, "app/f0"),
            ("hard", tarfile.LNKTYPE, "app/f0"),
            ("app/.wh.f0", tarfile.REGTYPE, ""),
            ("pipe", tarfile.FIFOTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = flag, target
            tar.addfile(info)
    return made.getvalue()


def sha(data: bytes) -> str:
    """A digest."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layout(root: Path, layer: bytes, manifest: bytes | None = None) -> str:
    """A layout of one image whose digests fit its bytes, whatever they are."""
    blobs = root / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    config = json.dumps({"rootfs": {"diff_ids": ["sha256:0"]}}).encode()
    about = {
        "schemaVersion": 2,
        "config": {"digest": sha(config), "size": len(config)},
        "layers": [{"digest": sha(layer), "size": len(layer)}],
    }
    manifest = manifest if manifest is not None else json.dumps(about).encode()
    for data in (layer, config, manifest):
        (blobs / sha(data).removeprefix("sha256:")).write_bytes(data)
    return sha(manifest)


def damaged(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The same, with something wrong in it."""
    out = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 8])):
        at = chance.randrange(len(out) + 1)
        kind = chance.randrange(7)
        if kind < 3 and at < len(out):
            out[at] = chance.choice([0, 0xFF, 0x80, out[at] ^ 1 << chance.randrange(8)])
        elif kind == 3:
            del out[at : at + chance.choice([1, 2, 512, len(out)])]
        elif kind == 4:
            out[at:at] = out[at : at + 512]
        elif kind == 5:
            out[at : at + 64] = bytes(chance.randrange(256) for _ in range(64))
        else:
            begin = chance.randrange(len(other))
            out[at : at + 600] = other[begin : begin + 600]
    return bytes(out)


class Targets:
    """What reads damaged bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        tars = [plain_tar(kind) for kind in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)]
        digest = layout(folder / "valid", gzip.compress(tars[0]))
        self._digest = digest
        manifest = Layout(folder / "valid").blob_path(digest).read_bytes()
        saved = io.BytesIO()
        with tarfile.open(fileobj=saved, mode="w") as tar:
            config = json.dumps({"rootfs": {"diff_ids": [sha(tars[0])]}}).encode()
            about = [{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["x/layer.tar"]}]
            for name, data in (
                ("c.json", config),
                ("x/layer.tar", tars[0]),
                ("manifest.json", json.dumps(about).encode()),
            ):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        image = Image(Layout(folder / "valid"), digest)
        image.files("sha1", folder / "cache")
        kept = next((folder / "cache").iterdir())
        self._kept = kept
        self.all: dict[str, tuple[list[bytes], Callable[[bytes], object]]] = {
            "tar": (tars, self._layer),
            "gzip": ([gzip.compress(tar) for tar in tars], self._layer),
            "zstd": ([zstandard.compress(tar) for tar in tars], self._layer),
            "manifest": ([manifest], self._manifest),
            "saved image": ([saved.getvalue()], self._archive),
            "cached layer": ([kept.read_bytes()], self._cached),
            "index of a history": ([_index(folder)], self._index),
        }

    def _layer(self, data: bytes) -> None:
        root = self._folder / "layers"
        digest = layout(root, data)
        image = Layout(root).image(digest)
        files = image.files("sha1")
        image.read(files, list(files)[:20])
        for blob in (root / "blobs" / "sha256").iterdir():
            blob.unlink()

    def _manifest(self, data: bytes) -> None:
        root = self._folder / "valid"
        blob = root / "blobs" / "sha256" / hashlib.sha256(data).hexdigest()
        new = not blob.exists()
        blob.write_bytes(data)
        try:
            blobs = Layout(root)
            Image(blobs, pick(blobs, sha(data))).files("sha1")
        finally:
            if new:
                blob.unlink()

    def _archive(self, data: bytes) -> None:
        place = self._folder / "saved.tar"
        place.write_bytes(data)
        with archive.opened(place) as found:
            saved = archive.images(found)
            if saved is None:
                archive.Files(place, "sha1").read(["app/f1"])
            else:
                for digest in saved.images.values():
                    Image(saved, pick(saved, digest)).files("sha1")

    def _cached(self, data: bytes) -> None:
        whole = self._kept.read_bytes()
        self._kept.write_bytes(data)
        layer = Image(Layout(self._folder / "valid"), self._digest).manifest.layers[0]
        found = cache.load(self._folder / "cache", layer.digest, "sha1")
        self._kept.write_bytes(whole)
        if found is not None and data != whole:
            raise AssertionError("a damaged cache was believed")

    def _index(self, data: bytes) -> None:
        place = self._folder / "damaged-index"
        place.write_bytes(data)
        index_file.load(place)


def _index(folder: Path) -> bytes:
    from generated import generate

    from landed.content.identify.history import history, place
    from landed.content.repo import Repository

    generate(folder / "repo", 50)
    with Repository.open(folder / "repo") as repository:
        history(repository, folder, lambda _words: None)
        return place(repository, folder).read_bytes()


def main() -> None:
    """Damages, reads, counts."""
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as name:
        targets = Targets(Path(name)).all
        names = list(targets)
        for seed in range(inputs):
            chance = random.Random(seed)
            kind = names[seed % len(names)]
            valid, read = targets[kind]
            other = chance.choice(targets[chance.choice(names)][0])
            data = damaged(chance.choice(valid), other, chance)
            begun = time.perf_counter()
            try:
                read(data)
                outcomes[f"{kind}: read"] += 1
            except LandedError as error:
                outcomes[f"{kind}: refused"] += 1
                if not error.hint:
                    raise AssertionError(f"no hint: {error.message}") from error
            except BaseException:
                print(f"seed {seed}, {kind}")
                raise
            slowest = max(slowest, time.perf_counter() - begun)
    print(f"{inputs} damaged inputs: {dict(sorted(outcomes.items()))}")
    print(f"the slowest took {slowest:.2f} s")
    if slowest > LONGEST:
        raise SystemExit("too slow")


if __name__ == "__main__":
    main()
