"""How fast layers become verified blob ids: `./dev bench layers [MIB]`.

A layer of 1 GiB in 70,000 files, gzip, in an OCI layout, made the same each time. Side by side:
what a person would do (`skopeo copy`, `tar x`, `git hash-object`), the inflate of the fastest
gzip library alone, and ours; then the most memory that ours took.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zlib
from pathlib import Path
from typing import IO

ROUNDS = 3
FILES_IN_A_GIB = 70_000
_OURS = """
import resource, sys, time
from pathlib import Path
from landed.content.image.layer import entries
from landed.content.image.layout import Layout
from landed.content.image.stack import stacked
layout = Layout(Path(sys.argv[1]))
(digest,) = layout.images().values()
image = layout.image(digest)
begun = time.perf_counter()
found = [(layer.digest, entries(layout, layer, "sha1")) for layer in image.manifest.layers]
hashed = time.perf_counter() - begun
files = stacked(found)
whole = time.perf_counter() - begun
print(hashed, whole, len(files), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


class _Packing:
    """Packs with gzip into a file, and hashes what goes in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._packer = file, zlib.compressobj(6, zlib.DEFLATED, 31)
        self.plain = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Takes plain bytes."""
        self.plain.update(data)
        self._file.write(self._packer.compress(bytes(data)))
        return len(data)

    def close(self) -> None:
        """Writes what is left."""
        self._file.write(self._packer.flush())


def layout(root: Path, size: int) -> Path:
    """An image with one layer of `size` bytes; returns the layer's file."""
    blobs = root / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    chance = random.Random(1)
    words = [b"%x" % chance.getrandbits(40) for _ in range(4000)]
    text = b" ".join(chance.choice(words) for _ in range(400_000))
    count = FILES_IN_A_GIB * size >> 30
    with (root / "layer").open("wb") as file:
        packing = _Packing(file)
        with tarfile.open(fileobj=packing, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
            for number in range(count):
                length = int(min(chance.lognormvariate(8.85, 1.3), 2_000_000))
                begin = chance.randrange(len(text) - length)
                data = b"%d " % number + text[begin : begin + length]
                info = tarfile.TarInfo(f"usr/lib/p{number % 97}/m{number % 1013}/f{number}.py")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        packing.close()
    config = {
        "os": "linux",
        "architecture": "amd64",
        "rootfs": {"diff_ids": [f"sha256:{packing.plain.hexdigest()}"]},
    }
    layer = _named(blobs, root / "layer", "layer.v1.tar+gzip")
    (root / "config").write_text(json.dumps(config))
    described = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _named(blobs, root / "config", "config.v1+json"),
        "layers": [layer],
    }
    (root / "manifest").write_text(json.dumps(described))
    listed = {
        "schemaVersion": 2,
        "manifests": [_named(blobs, root / "manifest", "manifest.v1+json")],
    }
    (root / "index.json").write_text(json.dumps(listed))
    (root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return blobs / str(layer["digest"]).removeprefix("sha256:")


def _named(blobs: Path, file: Path, kind: str) -> dict[str, object]:
    with file.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    size = file.stat().st_size
    file.rename(blobs / digest)
    media = f"application/vnd.oci.image.{kind}"
    return {"mediaType": media, "digest": f"sha256:{digest}", "size": size}


def by_hand(root: Path, folder: Path) -> float:
    """Seconds for what a person would type."""
    begun = time.perf_counter()
    subprocess.run(["skopeo", "copy", "-q", f"oci:{root}", f"dir:{folder / 'copy'}"], check=True)
    (folder / "out").mkdir()
    largest = max((folder / "copy").iterdir(), key=lambda path: path.stat().st_size)
    subprocess.run(["tar", "xf", largest, "-C", folder / "out"], check=True)
    listed = subprocess.run(
        ["find", ".", "-type", "f"], cwd=folder / "out", check=True, capture_output=True
    )
    subprocess.run(
        ["git", "hash-object", "--stdin-paths"],
        cwd=folder / "out",
        input=listed.stdout,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun


def inflate(layer: Path) -> float:
    """Seconds of isal's inflate alone, the bytes thrown away."""
    from isal import isal_zlib

    begun = time.perf_counter()
    inflating = isal_zlib.decompressobj(31)
    with layer.open("rb") as file:
        while data := file.read(1 << 18):
            inflating.decompress(data)
    return time.perf_counter() - begun


def ours(root: Path) -> tuple[float, float, int, int]:
    """Seconds to the ids and to the final files, files, and the most memory in MiB, in a process
    of its own.
    """
    command = [sys.executable, "-c", _OURS, str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    hashed, whole, files, memory = done.stdout.split()
    return float(hashed), float(whole), int(files), int(memory) >> 10


def main() -> None:
    """Measures, and prints."""
    size = int(sys.argv[1] if len(sys.argv) > 1 else 1024) << 20
    folder = Path(tempfile.mkdtemp(prefix="landed-bench-"))
    try:
        layer = layout(folder / "layout", size)
        hand = min(by_hand(folder / "layout", _fresh(folder / f"hand{n}")) for n in range(2))
        plain = min(inflate(layer) for _ in range(ROUNDS))
        runs = [ours(folder / "layout") for _ in range(ROUNDS)]
        seconds, whole, files, memory = min(runs)
        print(f"{size >> 20} MiB in {files} files, {layer.stat().st_size >> 20} MiB packed")
        print(f"skopeo copy + tar x + git hash-object   {hand:6.2f} s")
        print(f"isal's inflate alone                    {plain:6.2f} s")
        print(f"ours: verified ids of all members       {seconds:6.2f} s")
        print(f"ours: the image's final files           {whole:6.2f} s")
        print(f"  {hand / seconds:.1f} × as fast as by hand (≥ 7)")
        print(f"  {plain / seconds:.0%} of the inflate's speed (≥ 75 %)")
        print(f"  {memory} MiB of memory (< 150)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fresh(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
