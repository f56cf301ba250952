from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from landed.content.image import image as image_module
from landed.content.image import inflate
from landed.content.image.layout import Layout
from landed.content.image.manifest import CONFIG, LAYER, MANIFEST
from landed.core.errors import DataError

Entry = tuple[str, bytes | str | None]


def member(name: str, content: bytes | str | None, **about: Any) -> tuple[tarfile.TarInfo, bytes]:
    """Bytes are a file, a text is a link's target, None is a folder."""
    info = tarfile.TarInfo(name)
    data = content if isinstance(content, bytes) else b""
    info.size = len(data)
    if content is None:
        info.type = tarfile.DIRTYPE
    elif isinstance(content, str):
        info.type, info.linkname = tarfile.SYMTYPE, content
    for key, value in about.items():
        setattr(info, key, value)
    return info, data


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data) if data else None)
    return plain.getvalue()


class Image:
    """An image as other tools may have written it, right or wrong."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layout = Layout(root)
        (root / "blobs" / "sha256").mkdir(parents=True)

    def blob(self, data: bytes, kind: str = LAYER) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        (self.root / "blobs" / "sha256" / digest).write_bytes(data)
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(data)}

    def of(self, *plains: bytes, config: Any = None, document: bytes = b"", **more: Any) -> str:
        layers = [self.blob(gzip.compress(plain, mtime=0)) for plain in plains]
        diffs = [f"sha256:{hashlib.sha256(plain).hexdigest()}" for plain in plains]
        about = {"rootfs": {"type": "layers", "diff_ids": diffs}, "config": config or {}}
        described = {
            "schemaVersion": 2,
            "config": self.blob(document or json.dumps(about).encode(), CONFIG),
            "layers": layers,
            **more,
        }
        return str(self.blob(json.dumps(described).encode(), MANIFEST)["digest"])

    def contents(self, digest: str) -> dict[str, bytes | None]:
        files = self.layout.image(digest).files("sha1")
        return dict(sorted(self.layout.image(digest).read(files, files).items()))

    def laid_out(self, digest: str, folder: Path) -> dict[str, bytes | str]:
        self.layout.image(digest).lay_out(self.layout.image(digest).files("sha1"), folder)
        places = [p for p in folder.rglob("*") if p.is_symlink() or p.is_file()]
        return {
            p.relative_to(folder).as_posix(): str(p.readlink())
            if p.is_symlink()
            else p.read_bytes()
            for p in places
        }


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path / "image")


def files(*entries: Entry) -> bytes:
    return packed(*(member(name, content) for name, content in entries))


@pytest.mark.parametrize(
    ("layers", "final"),
    [
        ([[("a", b"1"), ("b", b"2")], [("a", b"3")]], {"a": b"3", "b": b"2"}),
        ([[("d/a", b"1"), ("d/b", b"2")], [("d/.wh.a", b"")]], {"d/b": b"2"}),
        ([[("d/a", b"1"), ("d/e/b", b"2")], [(".wh.d", b"")]], {}),
        ([[("d/a", b"1")], [("d/.wh..wh..opq", b""), ("d/b", b"2")]], {"d/b": b"2"}),
        ([[("d/a", b"1")], [("d/b", b"2"), ("d/.wh..wh..opq", b"")]], {"d/b": b"2"}),
        ([[("a", b"1")], [(".wh..wh..opq", b"")]], {}),
        ([[("d/a", b"1")], [("d/.wh.a", b""), ("d/a", b"2")]], {"d/a": b"2"}),
        ([[("d/a", b"1")], [("d", b"2")]], {"d": b"2"}),
        ([[("d/a", b"1")], [("d", "x")]], {"d": "x"}),
        ([[("d", b"1")], [("d", None), ("d/a", b"2")]], {"d/a": b"2"}),
        ([[("d", b"1")], [("d/a", b"2")]], {"d/a": b"2"}),
        ([[("d", "x")], [("d/a", b"2")]], {"d/a": b"2"}),
        ([[("d", b"1")], [("d", None)]], {}),
        ([[("a", b"1"), ("a", b"2")]], {"a": b"2"}),
        ([[("a", b"1"), ("a", "b")]], {"a": "b"}),
        ([[("./x/./a", b"1")]], {"x/a": b"1"}),
        ([[("a", b"")]], {"a": b""}),
        ([[]], {}),
        ([[("l", "nosuch"), ("m", "/etc/passwd")]], {"l": "nosuch", "m": "/etc/passwd"}),
    ],
)
def test_the_final_files(
    layers: list[list[Entry]], final: dict[str, bytes | str], image: Image, tmp_path: Path
) -> None:
    digest = image.of(*(files(*entries) for entries in layers))
    read = {p: c.encode() if isinstance(c, str) else c for p, c in final.items()}
    assert image.contents(digest) == read
    assert image.laid_out(digest, tmp_path / "out") == final


def test_hard_links(image: Image, tmp_path: Path) -> None:
    def link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
        return member(name, b"", type=tarfile.LNKTYPE, linkname=target)

    digest = image.of(
        packed(member("a", b"one", mode=0o755), link("b", "a"), link("c", "./b")),
        packed(member("a", b"two"), link("d", "b")),
    )
    final = {"a": b"two", "b": b"one", "c": b"one", "d": b"one"}
    assert image.contents(digest) == final
    assert image.laid_out(digest, tmp_path / "out") == final
    assert (tmp_path / "out" / "c").stat().st_mode & 0o111


def test_names_that_are_no_text(image: Image, tmp_path: Path) -> None:
    names = ["line\nbreak", "caf\udce9", "ü", "x" * 150 + "/" + "y" * 150]
    digest = image.of(files(*((name, b"1") for name in names)))
    assert set(image.contents(digest)) == set(names)
    image.laid_out(digest, tmp_path / "out")
    assert all((tmp_path / "out" / name).read_bytes() == b"1" for name in names)


def test_the_configuration(image: Image) -> None:
    settings = image.layout.image(image.of(config={"Env": ["A=1"], "WorkingDir": "/x"})).settings
    assert (settings.env, settings.working_dir, settings.cmd) == (("A=1",), "/x", None)


PLAIN = files(("a", b"one" * 1000), ("b", b"two"))


def _altered(image: Image) -> str:
    digest = image.of(PLAIN)
    path = image.layout.blob_path(image.layout.image(digest).manifest.layers[0].digest)
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    return digest


def _altered_beside_its_content(image: Image) -> str:
    """A byte that only the digest covers: the moment in gzip's head."""
    digest = image.of(PLAIN)
    path = image.layout.blob_path(image.layout.image(digest).manifest.layers[0].digest)
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\x01" + data[5:])
    return digest


def _altered_manifest(image: Image) -> str:
    digest = image.of(PLAIN)
    path = image.layout.blob_path(digest)
    path.write_bytes(path.read_bytes() + b" ")
    return digest


def _sparse(image: Image) -> str:
    """A few bytes that claim to be a gigabyte."""
    place = image.root / "sparse"
    with place.open("wb") as file:
        file.truncate(1 << 30)
    done = subprocess.run(
        ["tar", "--sparse", "--format=gnu", "-cC", image.root, "sparse"],
        check=True, capture_output=True,
    )  # fmt: skip
    return image.of(done.stdout)


def _breaks_off(_: bytes) -> bytes:
    """A stream that is whole up to the middle of a file, and no deflate from there."""
    packer = zlib.compressobj(wbits=31)
    return (
        packer.compress(files(("a", b"one" * 20_000))[:30_000])
        + packer.flush(zlib.Z_FULL_FLUSH)
        + b"\xff" * 90
    )


def _missing(image: Image) -> str:
    digest = image.of(PLAIN)
    image.layout.blob_path(image.layout.image(digest).manifest.layers[0].digest).unlink()
    return digest


def _raw_layer(change: Callable[[bytes], bytes]) -> Callable[[Image], str]:
    """A layer that is not what it should be, under its true digest."""

    def make(image: Image) -> str:
        layer = image.blob(change(gzip.compress(PLAIN, mtime=0)))
        return image.of(PLAIN, layers=[layer])

    return make


def _plain(*members: tuple[tarfile.TarInfo, bytes]) -> Callable[[Image], str]:
    return lambda image: image.of(packed(*members))


def _manifest(text: bytes) -> Callable[[Image], str]:
    return lambda image: str(image.blob(text, MANIFEST)["digest"])


def _sized(image: Image) -> str:
    layer = image.blob(gzip.compress(PLAIN, mtime=0))
    return image.of(PLAIN, layers=[{**layer, "size": 7}])


def _other_diff(image: Image) -> str:
    return image.of(PLAIN, layers=[image.blob(gzip.compress(files(("a", b"x")), mtime=0))])


def _broken_header(image: Image) -> str:
    plain = bytearray(files(("a", b"1"), ("b", b"2")))
    plain[1024 + 150] ^= 1
    return image.of(bytes(plain))


def _more_after_the_end(image: Image) -> str:
    return image.of(files(("a", b"1")) + b"\0" * 40960 + files(("b", b"2")))


DAMAGES: dict[str, Callable[[Image], str]] = {
    "an altered blob": _altered,
    "a blob altered beside its content": _altered_beside_its_content,
    "an altered manifest": _altered_manifest,
    "a sparse file": _sparse,
    "a layer with no deflate from its middle": _raw_layer(_breaks_off),
    "a layer with no deflate in it": _raw_layer(lambda d: d[:10] + b"\xff" * 90),
    "a missing blob": _missing,
    "a truncated layer": _raw_layer(lambda data: data[: len(data) // 2]),
    "a layer that is cut at its checksum": _raw_layer(lambda data: data[:-4]),
    "a layer that is no gzip": _raw_layer(lambda _: b"\x1f\x8bgarbage" * 9),
    "a layer with a broken stream": _raw_layer(lambda d: d[:20] + b"\xff" * 20 + d[40:]),
    "a layer that is no tar": _raw_layer(lambda _: gzip.compress(b"garbage" * 999)),
    "an empty layer": _raw_layer(lambda _: b""),
    "a layer in another compression": _raw_layer(lambda _: b"\x28\xb5\x2f\xfd" + b"0" * 40),
    "a truncated tar": lambda image: image.of(PLAIN[:2000]),
    "a broken header in the middle": _broken_header,
    "more after the end": _more_after_the_end,
    "a wrong size": _sized,
    "another layer than configured": _other_diff,
    "fewer layers than configured": lambda image: image.of(PLAIN, layers=[]),
    "a garbage manifest": _manifest(b"\x00garbage"),
    "a manifest that is a list": _manifest(b"[]"),
    "a manifest without anything": _manifest(b"{}"),
    "a manifest of text": _manifest(b'{"config": "x", "layers": ["y"]}'),
    "a deep manifest": _manifest(b"[" * 100_000),
    "layers that are none": lambda image: image.of(layers=7),
    "a layer without a digest": lambda image: image.of(layers=[{"size": 1}]),
    "a digest that leads out": lambda i: i.of(layers=[{"digest": "sha256:../../x", "size": 1}]),
    "a garbage config": lambda image: image.of(PLAIN, document=b"garbage"),
    "an absolute path": _plain(member("/etc/passwd", b"x")),
    "a path out of it": _plain(member("x/../../y", b"x")),
    "a file below a link": _plain(member("a", "/etc"), member("a/b", b"x")),
    "a file below a file": _plain(member("a", b"1"), member("a/b", b"x")),
    "a hard link to nothing": _plain(member("a", b"", type=tarfile.LNKTYPE, linkname="nosuch")),
    "a hard link out": _plain(member("a", b"", type=tarfile.LNKTYPE, linkname="../etc/passwd")),
    "a whiteout in a link": _plain(member("a", "/etc"), member("a/.wh.b", b"")),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_said(name: str, image: Image, tmp_path: Path) -> None:
    make = DAMAGES[name]
    with pytest.raises(DataError) as error:
        image.laid_out(make(image), tmp_path / "out")
    assert error.value.hint


def test_devices_and_pipes_are_no_files(image: Image, tmp_path: Path) -> None:
    below = files(("dev/null", b"a file once"), ("a", b"1"))
    device = member("dev/null", b"", type=tarfile.CHRTYPE)
    digest = image.of(below, packed(device, member("pipe", b"", type=tarfile.FIFOTYPE)))
    assert image.laid_out(digest, tmp_path / "out") == {"a": b"1"}


@pytest.mark.parametrize(
    "config",
    [{"Env": "A=1"}, {"Env": [1]}, {"Cmd": "sh"}, {"Labels": []}, {"Labels": {"a": 1}}, [1]],
)
def test_a_configuration_of_another_shape_is_said(config: Any, image: Image) -> None:
    with pytest.raises(DataError) as error:
        assert image.layout.image(image.of(config=config)).settings
    assert error.value.hint


def test_a_bomb_is_refused(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "SMALL", 1 << 20)
    digest = image.of(files(("zeros", b"\0" * (8 << 20))))
    with pytest.raises(DataError, match="unpacks to more than"):
        image.layout.image(digest).files("sha1")


def test_too_many_members_are_refused(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_module, "MAX_MEMBERS", 10)
    digest = image.of(*(files(*((f"{n}{m}", b"") for m in range(6))) for n in range(2)))
    with pytest.raises(DataError, match="too many members"):
        image.layout.image(digest).files("sha1")


def test_laying_out_writes_nothing_through_a_link(image: Image, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    digest = image.of(files(("a", str(outside))), files(("a/b", b"x")))
    assert image.laid_out(digest, tmp_path / "out") == {"a/b": b"x"}
    assert list(outside.iterdir()) == []
    found = image.layout.image(digest).files("sha1")
    with pytest.raises(DataError):
        image.layout.image(digest).lay_out({**found, "a": found["a/b"]}, tmp_path / "other")


def test_a_file_that_is_too_large_is_not_read(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_module, "MAX_FILE", 10)
    digest = image.of(files(("a", b"1" * 11), ("b", b"2")))
    assert image.contents(digest) == {"a": None, "b": b"2"}


def test_modes(image: Image, tmp_path: Path) -> None:
    digest = image.of(packed(member("a", b"1", mode=0o4750), member("b", b"2", mode=0o600)))
    found = image.layout.image(digest).files("sha256")
    assert [found[name].file.mode for name in "ab"] == ["100755", "100644"]
    assert len(found["a"].file.blob) == 64
    image.laid_out(digest, tmp_path / "out")
    assert (tmp_path / "out" / "a").stat().st_mode & 0o7777 == 0o755
