"""`landed identify` as a person calls it: folders, archives, layouts; proofs, mixes, doubts."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from git_world import Repo
from landed.cli.main import landed as group
from landed.core.errors import LandedError
from schemas import validate


class World:
    """A small repository with a story, and folders made of its commits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "repo").mkdir(parents=True)
        self.repo = Repo(root / "repo")
        self.repo.git("init", "-q", "-b", "main")
        self.repo.git("config", "user.name", "A")
        self.repo.git("config", "user.email", "a@example.invalid")
        for name in ("models", "views", "jobs", "queue"):
            self.repo.write(f"backend/app/{name}.py", f"# {name}\nVALUE = 1\n" * 9)
        self.repo.write("backend/README.md", "read me\n")
        self.repo.write("frontend/index.html", "<p>hello</p>\n" * 9)
        self.commits = {"first": self.repo.commit("first")}

    def commit(self, name: str, path: str, content: str | None) -> str:
        if content is None:
            (self.repo.root / path).unlink()
        else:
            self.repo.write(path, content)
        self.commits[name] = self.repo.commit(name)
        return self.commits[name]

    def shipped(self, commit: str, part: str = "backend", into: str = "srv/app") -> Path:
        """An image's files: a folder of a commit, below another."""
        image = self.root / f"image-{len(list(self.root.iterdir()))}"
        place = image / into
        place.mkdir(parents=True)
        done = subprocess.run(
            ["git", "archive", f"{self.commits.get(commit, commit)}:{part}"],
            cwd=self.repo.root, capture_output=True, check=True,
        )  # fmt: skip
        subprocess.run(["tar", "x"], cwd=place, input=done.stdout, check=True)
        return image

    def identify(self, what: Path | str, *more: str, at: Path | None = None) -> dict[str, Any]:
        """The JSON answer, valid by its schema, with the exit code."""
        with chdir(at or self.repo.root):
            done = CliRunner().invoke(
                group, ["identify", str(what), "--json", *more], standalone_mode=False
            )
        if isinstance(done.exception, LandedError):
            raise done.exception
        assert done.exception is None, done.output
        answer: dict[str, Any] = json.loads(done.stdout)
        validate(answer)
        return {**answer, "code": done.return_value}

    def named(self, answer: dict[str, Any]) -> str:
        """The best commit's name in the story."""
        return next(name for name, id_ in self.commits.items() if id_ == answer["best"]["commit"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "world")
    made.commit("second", "backend/app/models.py", "# models\nVALUE = 2\n")
    made.commit("docs", "frontend/index.html", "<p>other</p>\n")
    made.commit("third", "backend/app/views.py", "# views\nVALUE = 3\n")
    made.commit("fourth", "backend/app/extra.py", "# extra\nVALUE = 4\n")
    return made


def test_the_commit_is_named_and_proved(world: World) -> None:
    answer = world.identify(world.shipped("third"))
    assert (answer["code"], world.named(answer)) == (0, "third")
    best = answer["best"]
    assert (best["proved"], best["ties"], best["same_below"]) == (True, 1, "backend")
    assert answer["placements"] == [{"image_path": "srv/app", "tree_path": "backend"}]
    assert answer["files"]["same"] == 5
    assert answer["files"]["never_committed"] == answer["files"]["changed"] == []


def test_commits_that_change_nothing_there_are_ties(world: World) -> None:
    answer = world.identify(world.shipped("second"))
    assert answer["code"] == 0
    assert (answer["best"]["ties"], answer["best"]["proved"]) == (2, True)
    assert answer["best"]["oldest"] == world.commits["second"]
    assert answer["best"]["newest"] == world.commits["docs"]
    assert answer["best"]["differ_in"] == ["frontend/index.html"]


@pytest.mark.parametrize(
    ("shipped", "asked", "answer", "code"),
    [
        ("third", "second", "yes", 0),
        ("third", "third", "yes", 0),
        ("second", "third", "no", 1),
        ("third", "fourth", "no", 1),
        ("second", "docs", "unknown", 3),
        ("third", "docs", "yes", 0),
    ],
)
def test_a_change_is_in_there_or_not(
    world: World, shipped: str, asked: str, answer: str, code: int
) -> None:
    found = world.identify(world.shipped(shipped), "--contains", world.commits[asked])
    assert (found["contains"]["answer"], found["code"]) == (answer, code), found


def test_a_change_that_was_taken_back_is_not_in_there(world: World) -> None:
    world.repo.git("revert", "--no-edit", world.commits["third"])
    world.commits["revert"] = world.repo.git("rev-parse", "HEAD")
    found = world.identify(world.shipped("revert"), "--contains", world.commits["third"])
    assert (found["contains"]["answer"], found["code"]) == ("no", 1)


def test_a_change_that_was_picked_to_another_branch_is_in_there(world: World) -> None:
    world.repo.git("checkout", "-q", "-b", "release", world.commits["first"])
    world.repo.git("cherry-pick", world.commits["third"])
    world.commits["picked"] = world.repo.git("rev-parse", "HEAD")
    found = world.identify(world.shipped("picked"), "--contains", world.commits["third"])
    assert (world.named(found), found["contains"]["answer"]) == ("picked", "yes")
    found = world.identify(world.shipped("picked"), "--contains", world.commits["second"])
    assert (found["contains"]["answer"], found["code"]) == ("no", 1)


def test_what_nobody_committed_is_named(world: World) -> None:
    image = world.shipped("fourth")
    (image / "srv/app/app/organization.py").write_text("class Organization: pass\n")
    (image / "srv/app/app/jobs.py").write_text("# somebody was here\n")
    (image / "srv/app/site/lib.py").parent.mkdir()
    (image / "srv/app/site/lib.py").write_text("# installed\n")
    answer = world.identify(image)
    assert (answer["code"], world.named(answer), answer["best"]["proved"]) == (0, "fourth", True)
    assert answer["files"]["never_committed"] == ["srv/app/app/organization.py"]
    assert answer["files"]["changed"] == ["srv/app/app/jobs.py"]
    assert answer["files"]["extra"] == 2


def test_a_mix_of_two_commits_is_no_proof_and_names_the_other(world: World) -> None:
    image = world.shipped("fourth")
    shutil.copy(world.shipped("first") / "srv/app/app/models.py", image / "srv/app/app/models.py")
    answer = world.identify(image)
    assert (answer["code"], world.named(answer)) == (3, "fourth")
    assert (answer["best"]["proved"], answer["best"]["how"]) == (False, "exhaustive")
    assert answer["files"]["changed"] == ["srv/app/app/models.py"]
    assert answer["files"]["as_in"] == [
        {"path": "srv/app/app/models.py", "commit": world.commits["first"]}
    ]


def test_commits_of_one_second_are_ordered_by_who_follows_whom(world: World) -> None:
    first = world.repo.git("rev-parse", "HEAD")
    env = {**os.environ, "GIT_COMMITTER_DATE": "1800000000 +0000"}
    for number in range(6):
        command = ["git", "commit", "-q", "--allow-empty", "-m", f"{number}"]
        subprocess.run(command, cwd=world.repo.root, env=env, check=True)
    best = world.identify(world.shipped("fourth"))["best"]
    last = world.repo.git("rev-parse", "HEAD")
    assert (best["ties"], best["oldest"], best["newest"]) == (7, first, last)
    assert best["commit"] == last


def test_files_of_another_project_are_of_no_commit(world: World, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for number in range(9):
        (tmp_path / "other" / f"f{number}.py").write_text(f"{number}")
    answer = world.identify(tmp_path / "other")
    assert (answer["code"], answer["best"], answer["placements"]) == (3, None, [])


def test_one_file_that_two_projects_share_proves_nothing(world: World, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for number in range(9):
        (other / "lib").mkdir(parents=True, exist_ok=True)
        (other / "lib" / f"f{number}.py").write_text(f"{number}")
    shutil.copy(world.repo.root / "backend/app/queue.py", other / "lib/queue.py")
    answer = world.identify(other)
    assert answer["code"] == 3
    assert answer["best"] is None or not answer["best"]["proved"]


def test_line_ends_of_a_checkout_elsewhere_are_the_same_files(world: World) -> None:
    image = world.shipped("fourth")
    place = image / "srv/app/app/queue.py"
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n"))
    answer = world.identify(image)
    assert (answer["code"], answer["files"]["changed"]) == (0, [])
    assert answer["files"]["line_ends"] == 1


def test_two_roots_are_both_found(world: World) -> None:
    image = world.shipped("third")
    site = world.shipped("third", "frontend", "var/www")
    shutil.copytree(site / "var", image / "var")
    answer = world.identify(image)
    assert answer["code"] == 0
    assert {"image_path": "srv/app", "tree_path": "backend"} in answer["placements"]


@pytest.mark.parametrize("pack", ["w", "w:gz"])
def test_an_archive_and_an_image_are_read_as_folders_are(world: World, pack: Any) -> None:
    image = world.shipped("third")
    whole = world.root / "image.tar"
    with tarfile.open(whole, pack) as tar:
        tar.add(image, "")
    answer = world.identify(whole)
    assert (answer["code"], world.named(answer)) == (0, "third")


def test_a_docker_save_file_and_a_layout(world: World) -> None:
    from content.image.test_archives import layout_files, saved_once

    image = world.shipped("third")
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        tar.add(image / "srv", "srv")
    (world.root / "saved.tar").write_bytes(saved_once(layer.getvalue()))
    for path, data in layout_files(layer.getvalue()).items():
        place = world.root / "layout" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for what in ("saved.tar", "layout"):
        answer = world.identify(world.root / what)
        assert (answer["code"], world.named(answer)) == (0, "third")


def test_an_image_for_another_machine_than_asked_for_is_no_answer(world: World) -> None:
    from content.image.test_archives import layout_files

    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        tar.add(world.shipped("third") / "srv", "srv")
    for path, data in layout_files(layer.getvalue()).items():
        place = world.root / "layout" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    assert world.identify(world.root / "layout", "--platform", "linux/amd64")["code"] == 0
    for platform, said in (("linux/arm64", "an image for linux/amd64"), ("arm", "no platform")):
        with pytest.raises(LandedError) as caught:
            world.identify(world.root / "layout", "--platform", platform)
        assert said in caught.value.message


def test_another_repository_a_bare_one_and_a_second_time(world: World, tmp_path: Path) -> None:
    world.repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    image = world.shipped("third")
    for _ in range(2):
        answer = world.identify(image, "--repo", str(tmp_path / "bare.git"), at=tmp_path)
        assert (answer["code"], world.named(answer)) == (0, "third")


def test_a_shallow_clone_says_so_and_proves_no_changed_file(world: World) -> None:
    clone = world.repo.clone("shallow", "--depth=1")
    exact = world.identify(world.shipped("fourth"), at=clone.root)
    assert exact["code"] == 0
    assert "shallow" in exact["notes"][0]
    answer = world.identify(world.shipped("first"), at=clone.root)
    assert (answer["code"], answer["best"]["proved"]) == (3, False)


def test_a_blobless_clone_is_enough(world: World) -> None:
    world.repo.git("config", "uploadpack.allowFilter", "true")
    clone = world.repo.clone("blobless", "--filter=blob:none", "--no-checkout")
    answer = world.identify(world.shipped("third"), at=clone.root)
    assert (answer["code"], world.named(answer)) == (0, "third")
    assert "partial" in answer["notes"][0]


def test_a_treeless_clone_is_told(world: World) -> None:
    world.repo.git("config", "uploadpack.allowFilter", "true")
    clone = world.repo.clone("treeless", "--filter=tree:0", "--no-checkout")
    with pytest.raises(LandedError) as caught:
        world.identify(world.shipped("third"), at=clone.root)
    assert "treeless" in caught.value.hint


def test_notes_and_the_stash_are_no_answer(world: World) -> None:
    world.repo.write("backend/app/models.py", "# only stashed\n")
    world.repo.git("stash")
    image = world.shipped("fourth")
    (image / "srv/app/app/models.py").write_text("# only stashed\n")
    answer = world.identify(image)
    assert world.named(answer) == "fourth"
    assert answer["files"]["changed"] == ["srv/app/app/models.py"]
    assert answer["files"]["as_in"] == []


def test_what_is_neither_a_path_nor_an_image_is_said(world: World) -> None:
    with pytest.raises(LandedError) as caught:
        world.identify("./Nothing/Here")
    assert caught.value.exit_code == 2
    assert caught.value.hint
    (world.root / "notes.txt").write_text("no archive\n" * 100)
    with pytest.raises(LandedError) as caught:
        world.identify(world.root / "notes.txt")
    assert "no archive" in caught.value.message
    with pytest.raises(LandedError) as caught:
        world.identify("127.0.0.1:1/shop/worker", "--image", "other")
    assert "--image" in caught.value.hint


def test_a_repository_without_commits_is_told(world: World, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "new")], check=True)
    with pytest.raises(LandedError) as caught:
        world.identify(world.shipped("third"), at=tmp_path / "new")
    assert "no commits yet" in caught.value.message


def test_an_index_that_cannot_be_kept_is_told_with_the_way_out(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    image = world.shipped("fourth")
    shutil.copy(world.shipped("first") / "srv/app/app/models.py", image / "srv/app/app/models.py")
    with pytest.raises(LandedError) as caught:
        world.identify(image)
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_a_pipe_is_not_waited_for(world: World) -> None:
    os.mkfifo(world.root / "pipe")
    with pytest.raises(LandedError) as caught:
        world.identify(world.root / "pipe")
    assert caught.value.exit_code == 2
    image = world.shipped("third")
    os.mkfifo(image / "srv/app/pipe")
    assert world.identify(image)["code"] == 0


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_screen_says_the_answer_first(
    world: World, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    image = world.shipped("third")
    (image / "srv/app/app/organization.py").write_text("x\n")
    with chdir(world.repo.root):
        done = CliRunner().invoke(
            group, ["identify", str(image), "--contains", "HEAD~1"], standalone_mode=False
        )
    assert done.return_value == 0, done.output
    first, *rest = done.stdout.splitlines()
    assert first.startswith("✓ proved: it is ")
    assert "and beside it 1 file of no commit" in " ".join(done.stdout.split())
    assert all(len(line) <= max(columns, 60) for line in rest if not line.startswith("  git "))
    assert "organization.py" in done.stdout
    assert "in there? yes" in done.stdout


def test_a_sha256_repository(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    repo = Repo(tmp_path / "repo")
    repo.git("init", "-q", "-b", "main", "--object-format=sha256")
    for name in "abcd":
        repo.write(f"app/{name}.py", f"{name} = 1\n")
    repo.git("-c", "user.name=A", "-c", "user.email=a@b.invalid", "add", "-A")
    repo.git("-c", "user.name=A", "-c", "user.email=a@b.invalid", "commit", "-qm", "one")
    world = World(tmp_path / "w")
    shutil.copytree(tmp_path / "repo/app", tmp_path / "image/app")
    for _ in range(2):
        answer = world.identify(tmp_path / "image", at=repo.root)
        assert (answer["code"], len(answer["best"]["commit"])) == (0, 64)
