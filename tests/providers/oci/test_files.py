"""The files of real images from a real registry, whoever packed them and however."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner

from content.identify.pasts import blob
from git_world import Repo
from landed.cli.main import landed as group
from landed.content.image.image import Contents, Image
from landed.content.image.manifest import pick
from landed.providers.oci.registry import Registry
from providers.oci.painters import SINGLE, WORDS, Painted

_WORDS = {"by-docker": "docker", "by-skopeo-v2s2": "by-buildah"}
"""What an image says, where that is not its own name."""


def wanted(tag: str) -> dict[str, bytes]:
    word = _WORDS.get(tag, tag)
    return {"app/first": (WORDS + word).encode(), "app/second": word.encode()}


@pytest.mark.parametrize("tag", SINGLE)
def test_every_image_shows_its_files(images: Painted, tag: str) -> None:
    with Registry.open(images.reference(tag)) as registry:
        image = Image(registry, pick(registry, registry.resolve()))
        files = image.files("sha1")
        assert {path: one.file.blob for path, one in files.items()} == {
            path: blob(data) for path, data in wanted(tag).items()
        }
        assert image.read(files, files) == wanted(tag)


@pytest.mark.parametrize(
    ("tag", "platform", "inside"),
    [
        ("several", "linux/amd64", "by-buildah"),
        ("several", "linux/arm64", "by-skopeo-zstd"),
        ("several-v2s2", "linux/amd64", "by-buildah-v2s2"),
        ("several-v2s2", "linux/arm64", "by-docker"),
    ],
)
def test_an_index_leads_to_the_platforms_image(
    images: Painted, tag: str, platform: str, inside: str
) -> None:
    with Registry.open(images.reference(tag)) as registry:
        image = Image(registry, pick(registry, registry.resolve(), platform))
        assert image.read(image.files("sha1"), ["app/first", "app/second"]) == wanted(inside)


def test_identify_names_the_commit_of_an_image_in_a_registry(
    images: Painted, tmp_path: Path
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.root.mkdir()
    repo.git("init", "-q", "-b", "main")
    repo.git("config", "user.name", "A")
    repo.git("config", "user.email", "a@example.invalid")
    ids = {}
    for tag in SINGLE[:-1]:  # the last one holds what the first does
        for path, data in wanted(tag).items():
            repo.write(path, data)
        ids[tag] = repo.commit(tag)
    tags = ("by-buildah", "by-docker", "by-skopeo-zstd")
    asked = [(tag, str(images.reference(tag))) for tag in tags]
    # And what a real `docker save` wrote.
    for tag, name in [*asked, ("by-docker", str(images.folder / "saved.tar"))]:
        with chdir(repo.root):
            done = CliRunner().invoke(group, ["identify", name, "--json"], standalone_mode=False)
        assert done.exception is None, done.exception
        answer = json.loads(done.stdout)
        assert (done.return_value, answer["best"]["commit"]) == (0, ids[tag])


@pytest.mark.parametrize("tag", SINGLE)
def test_an_image_says_how_its_layers_were_made(images: Painted, tag: str) -> None:
    with Registry.open(images.reference(tag)) as registry:
        image = Image(registry, pick(registry, registry.resolve()))
        content = Contents(image, image.files("sha1"))
        layers = [content.layer(f"app/{name}") for name in ("first", "second")]
        assert [layer.number for layer in layers if layer] == [0, 1]
        made = [layer.made_at for layer in layers if layer and layer.made_at]
        assert len(made) == 2
        assert made[0] <= made[1]
        assert content.layer("app/none") is None
