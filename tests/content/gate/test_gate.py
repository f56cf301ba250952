"""A folder against a commit: in clones, in uploads with a proof, and where somebody lies."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from git_world import Repo, World, world
from landed.content.gate.gate import Gated, gate, write_proof
from landed.content.git import proof as git_proof
from landed.content.git.proof import NAME
from landed.core.errors import LandedError, UsageError
from landed.core.model import Outcome
from landed.core.seen import DifferenceKind

__all__ = ["world"]

FILES = {
    "Dockerfile": "FROM scratch\nCOPY app /app\n",
    ".dockerignore": "secrets\n",
    ".gcloudignore": ".git\n.gitignore\n.gcloudignore\ndocs/\napp/*.md\n",
    ".gitignore": "*.pyc\n",
    "app/a.py": "one\n",
    "app/deep/b.py": "two\n",
    "app/read.md": "read by the build\n",
    "docs/page.txt": "not read by the build\n",
    "run.sh": "#!/bin/sh\n",
}


@pytest.fixture
def here(world: World) -> Repo:
    """A repository as projects have them, with one commit."""
    repo = world.repo()
    for path, text in FILES.items():
        repo.write(path, text, executable=path == "run.sh")
    (repo.root / "link").symlink_to("app/a.py")
    repo.commit()
    return repo


def head(repo: Repo) -> str:
    return repo.git("rev-parse", "HEAD")


def unpack(repo: Repo, name: str = "upload", *, rev: str = "HEAD", proof: bool = True) -> Path:
    """A commit's files without `.git`, as an upload brings them."""
    place = repo.root.parent / name
    place.mkdir()
    done = subprocess.run(["git", "archive", rev], cwd=repo.root, capture_output=True, check=True)
    subprocess.run(["tar", "x"], cwd=place, input=done.stdout, check=True)
    if proof:
        write_proof(repo.root, rev, place / NAME)
    return place


def kinds(found: Gated) -> dict[str, DifferenceKind]:
    return {one.path: one.kind for one in found.differences}


def broken(found: Gated) -> dict[str, DifferenceKind]:
    assert found.outcome is Outcome.BROKEN, found
    return kinds(found)


@pytest.mark.parametrize("options", [[], ["--depth=1"], ["--filter=blob:none"], ["--no-tags"]])
def test_a_clone_is_its_commit(here: Repo, options: list[str]) -> None:
    here.commit(other_py="1\n")
    here.git("config", "uploadpack.allowFilter", "true")
    clone = here.clone("clone", *options)
    clone.git("checkout", "-q", "--detach")
    found = gate(clone.root, head(here))
    assert found.outcome is Outcome.PROVED, found
    assert found.tree == here.git("rev-parse", "HEAD^{tree}")
    assert found.same == len(FILES) + 2


def test_an_upload_with_a_proof_is_its_commit(here: Repo) -> None:
    found = gate(unpack(here), head(here))
    assert found.outcome is Outcome.PROVED, found
    assert found.source == "proof"


def test_git_alone_writes_the_same_proof(here: Repo) -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "verify-inside-the-build.md"
    script = page.read_text().partition("<!-- by git alone -->\n```sh\n")[2].partition("```")[0]
    write_proof(here.root, None, here.root.parent / "proof")
    subprocess.run(["sh", "-euc", script], cwd=here.root, check=True)
    assert (here.root / NAME).read_bytes() == (here.root.parent / "proof").read_bytes()


def test_a_git_that_was_only_fetched_is_enough(here: Repo) -> None:
    place = Repo(unpack(here, proof=False))
    place.git("init", "-q", ".")
    place.git("fetch", "-q", "--depth", "1", here.root.as_uri(), head(here))
    assert gate(place.root, head(here)).outcome is Outcome.PROVED
    (place.root / "stray").write_text("x\n")
    assert set(broken(gate(place.root, head(here)))) == {"stray"}


def test_without_a_claim_it_is_the_folders_own_commit(here: Repo) -> None:
    assert gate(here.root).commit == head(here)
    assert gate(unpack(here)).commit == head(here)
    assert gate(here.root).claimed is None
    assert gate(here.root, head(here).upper()).claimed == head(here)


def test_sha256(world: World) -> None:
    repo = world.repo("long", "--object-format=sha256")
    commit = repo.commit(a_py="1\n", _gitignore="*.pyc\n")
    assert len(commit) == 64
    assert gate(repo.root, commit).outcome is Outcome.PROVED
    assert gate(unpack(repo), commit).outcome is Outcome.PROVED


@pytest.mark.parametrize("clone", [True, False])
def test_every_kind_of_difference_is_told(here: Repo, *, clone: bool) -> None:
    place = here.clone("clone").root if clone else unpack(here)
    (place / "app/a.py").write_text("other\n")
    (place / "app/deep/b.py").write_bytes(b"two\r\n")
    (place / "app/new.py").write_text("swept in\n")
    (place / "secrets").write_text("kept from the image, and here all the same\n")
    (place / "Dockerfile").unlink()
    (place / "run.sh").chmod(0o644)
    (place / "link").unlink()
    (place / "link").write_text("app/a.py")
    found = broken(gate(place, head(here)))
    assert found == {
        "app/a.py": DifferenceKind.CHANGED,
        "app/deep/b.py": DifferenceKind.LINE_ENDS,
        "app/new.py": DifferenceKind.NEVER_COMMITTED,
        "secrets": DifferenceKind.NEVER_COMMITTED,
        "Dockerfile": DifferenceKind.MISSING,
        "run.sh": DifferenceKind.MODE,
        "link": DifferenceKind.CHANGED,
    }


def test_a_file_that_dockerignore_keeps_out_is_said_as_such(here: Repo) -> None:
    place = unpack(here)
    (place / "secrets").write_text("s\n")
    found = gate(place, head(here))
    assert [one.rule for one in found.differences] == [".dockerignore:1: secrets"]


def test_what_an_upload_drops_and_no_build_reads_is_no_fault(here: Repo) -> None:
    place = unpack(here)
    for name in (".gitignore", ".gcloudignore"):
        (place / name).unlink()
    shutil.rmtree(place / "docs")
    found = gate(place, head(here))
    assert found.outcome is Outcome.PROVED, found
    assert [(one.path, one.rule) for one in found.left_out] == [
        (".gcloudignore", ".gcloudignore:3: .gcloudignore"),
        (".gitignore", ".gcloudignore:2: .gitignore"),
        ("docs/page.txt", ".gcloudignore:4: docs/"),
    ]


def test_what_an_upload_drops_and_the_build_reads_is_one(here: Repo) -> None:
    place = unpack(here)
    (place / "app/read.md").unlink()
    found = gate(place, head(here))
    assert broken(found) == {"app/read.md": DifferenceKind.MISSING}
    assert found.differences[0].rule == ".gcloudignore:5: app/*.md"


def test_a_dockerignore_that_an_upload_drops_is_missed(here: Repo) -> None:
    here.write(".gcloudignore", ".dockerignore\n.gcloudignore\n")
    commit = here.commit()
    place = unpack(here)
    (place / ".dockerignore").unlink()
    assert broken(gate(place, commit)) == {".dockerignore": DifferenceKind.MISSING}


def test_what_the_build_reads_nobody_can_tell_without_a_dockerfile(here: Repo) -> None:
    place = unpack(here)
    shutil.rmtree(place / "docs")
    found = gate(place, head(here), dockerfile="other/Dockerfile")
    assert found.outcome is Outcome.UNPROVED
    assert "other/Dockerfile" in found.because


def test_an_ignore_file_that_is_not_committed_excuses_nothing(here: Repo) -> None:
    place = unpack(here)
    (place / "run.sh").unlink()
    (place / ".gcloudignore").write_text("run.sh\n")
    assert set(broken(gate(place, head(here)))) == {".gcloudignore", "run.sh"}


def test_an_empty_folder_is_no_commit(here: Repo, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert gate(empty, head(here)).outcome is Outcome.UNPROVED
    write_proof(here.root, None, empty / NAME)
    assert {"app/a.py", "Dockerfile", "link"} < set(broken(gate(empty, head(here))))


def test_nothing_to_compare_proves_nothing(world: World) -> None:
    repo = world.repo()
    commit = repo.commit()
    assert gate(repo.root, commit).outcome is Outcome.UNPROVED


def test_a_folder_inside_somebody_elses_repository_is_not_that(here: Repo) -> None:
    inner = here.root / "app"
    assert gate(inner, head(here)).outcome is Outcome.UNPROVED


def test_a_part_of_the_repository(here: Repo) -> None:
    place = unpack(here)
    assert gate(place / "app", head(here), proof=place / NAME, within="./app/").same == 3
    assert "b.py" in broken(gate(place, head(here), within="app/deep"))
    with pytest.raises(UsageError, match="no folder nowhere"):
        gate(place, head(here), within="nowhere")


# --- claims


def test_an_empty_claim_proves_nothing(here: Repo) -> None:
    found = gate(here.root, "")
    assert found.outcome is Outcome.UNPROVED
    assert "COMMIT_SHA" in found.because


@pytest.mark.parametrize("proof", [True, False])
def test_a_claim_that_is_no_full_id_of_a_commit_is_refused(here: Repo, *, proof: bool) -> None:
    here.git("tag", "-a", "-m", "t", "v1")
    place = unpack(here) if proof else here.root
    for said in (head(here)[:12], head(here)[:39], "main", "HEAD", "--all", f" {head(here)}"):
        with pytest.raises(UsageError, match="no full commit id"):
            gate(place, said)
    for what in ("HEAD^{tree}", "HEAD:.gitignore", "v1"):
        if proof and what == "v1":
            continue  # a proof holds no tags
        with pytest.raises(UsageError, match="not a commit"):
            gate(place, here.git("rev-parse", what))


def test_another_commit_than_the_proofs_is_not_proved(here: Repo) -> None:
    place, old = unpack(here), head(here)
    new = here.commit(new_py="1\n")
    assert gate(place, old).outcome is Outcome.PROVED
    found = gate(place, new)
    assert found.outcome is Outcome.UNPROVED
    assert old[:10] in found.because
    assert new[:10] in found.because


def test_a_commit_that_a_shallow_clone_lacks_is_not_proved(here: Repo) -> None:
    old = head(here)
    here.commit(new_py="1\n")
    found = gate(here.clone("clone", "--depth=1").root, old)
    assert found.outcome is Outcome.UNPROVED
    assert "git fetch" in found.hint


def test_an_older_commit_than_the_one_checked_out(here: Repo) -> None:
    old = head(here)
    here.commit(new_py="1\n")
    assert broken(gate(here.root, old)) == {"new.py": DifferenceKind.NEVER_COMMITTED}


# --- lies


def lies(place: Path, change: bytes, into: bytes) -> None:
    proof = (place / NAME).read_bytes()
    assert change in proof
    (place / NAME).write_bytes(proof.replace(change, into))


def test_a_proof_whose_bytes_were_changed_proves_nothing(here: Repo) -> None:
    place = unpack(here)
    lies(place, b"a.py\0", b"x.py\0")
    (place / "app/a.py").rename(place / "app/x.py")
    assert gate(place, head(here)).outcome is Outcome.UNPROVED


def test_another_commits_objects_under_this_commits_id_prove_nothing(here: Repo) -> None:
    old = head(here)
    new = here.commit(evil_py="evil\n")
    place = unpack(here)
    lies(place, new.encode(), old.encode())
    assert gate(place, old).outcome is Outcome.UNPROVED


def test_a_proof_that_carries_more_than_the_commit_is_refused(here: Repo) -> None:
    place = unpack(here)
    blob = here.git("hash-object", "-w", "--stdin", given=b"payload")
    with (place / NAME).open("ab") as file:
        file.write(f"{blob} blob 7\npayload\n".encode())
    assert gate(place, head(here)).outcome is Outcome.UNPROVED


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_half_a_proof_proves_nothing(here: Repo, cut: int) -> None:
    place = unpack(here)
    (place / NAME).write_bytes((place / NAME).read_bytes()[:-cut])
    assert gate(place, head(here)).outcome is Outcome.UNPROVED


@pytest.mark.parametrize("data", [b"", b"\0", b"hello\n", b"%s missing\n" % (b"a" * 40)])
def test_what_is_no_proof_proves_nothing(here: Repo, data: bytes) -> None:
    place = unpack(here)
    (place / NAME).write_bytes(data)
    assert gate(place, head(here)).outcome is Outcome.UNPROVED


def test_a_tree_that_unfolds_without_end_ends(here: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_proof, "MOST_FILES", 10_000)
    entry = here.git("rev-parse", "HEAD:.gitignore")
    lines = f"100644 blob {entry}\tf\n"
    for _ in range(8):
        tree = here.git("mktree", given=lines.encode())
        lines = "".join(f"040000 tree {tree}\t{n:02}\n" for n in range(12))
    bomb = here.git("commit-tree", "-m", "x", here.git("mktree", given=lines.encode()))
    ids = here.git("rev-list", "--objects", "--no-object-names", "--filter=blob:none", bomb)
    done = subprocess.run(
        ["git", "cat-file", "--batch"], cwd=here.root, input=ids.encode(), capture_output=True,
        check=True,
    )  # fmt: skip
    place = here.root.parent / "bomb"
    place.mkdir()
    (place / NAME).write_bytes(done.stdout)
    assert gate(place, bomb).outcome is Outcome.UNPROVED


def test_objects_of_a_clone_that_do_not_hash_to_their_ids_prove_nothing(here: Repo) -> None:
    old = head(here)
    evil = here.commit(evil_py="evil\n")

    def loose(id_: str) -> Path:
        return here.root / ".git/objects" / id_[:2] / id_[2:]

    loose(old).chmod(0o644)
    loose(old).write_bytes(loose(evil).read_bytes())
    assert gate(here.root, old).outcome is Outcome.UNPROVED


def test_a_replaced_commit_is_not_taken_for_it(here: Repo) -> None:
    old = head(here)
    new = here.commit(evil_py="evil\n")
    here.git("replace", old, new)
    assert broken(gate(here.root, old)) == {"evil.py": DifferenceKind.NEVER_COMMITTED}


def test_objects_borrowed_from_elsewhere_are_proved_by_their_ids(here: Repo) -> None:
    borrower = here.clone("borrower", "--shared")
    assert gate(borrower.root, head(here)).outcome is Outcome.PROVED


def test_nothing_that_the_clone_configures_runs(world: World, here: Repo) -> None:
    trap, marker = world.trap("gate")
    here.write(".gitattributes", "*.py filter=evil ident\n*.md text eol=crlf\n")
    commit = here.commit()
    for key, value in {
        "core.fsmonitor": str(trap),
        "core.hooksPath": str(trap.parent),
        "filter.evil.clean": str(trap),
        "filter.evil.smudge": str(trap),
        "filter.evil.process": str(trap),
        "core.alternateRefsCommand": str(trap),
        "alias.cat-file": f"!{trap}",
        "alias.rev-list": f"!{trap}",
    }.items():
        here.git("config", key, value)
    marker.unlink(missing_ok=True)
    here.write("app/a.py", "other\n")
    (here.root / "app/read.md").unlink()
    assert "app/a.py" in broken(gate(here.root, commit))
    assert not marker.exists()
    here.git("status", check=False)
    assert marker.exists(), "plain git would have run it"


@pytest.mark.parametrize("pointing", ["gitdir: /nowhere\n", "garbage"])
def test_a_git_that_leads_elsewhere_is_not_followed(here: Repo, pointing: str) -> None:
    place = here.root / "inside"
    place.mkdir()
    (place / ".git").write_text(pointing)
    with pytest.raises(LandedError):
        gate(place, head(here))


def test_a_git_that_is_another_folders_is_refused(here: Repo, world: World) -> None:
    place = world.folder / "thief"
    place.mkdir()
    (place / ".git").mkdir()
    (place / ".git/HEAD").write_text("garbage")
    with pytest.raises(LandedError):
        gate(place, head(here))


def test_what_hides_in_a_folder_called_git_is_found(here: Repo) -> None:
    place = unpack(here)
    (place / "app/.git").mkdir()
    (place / "app/.git/evil.py").write_text("evil\n")
    assert broken(gate(place, head(here))) == {"app/.git": DifferenceKind.NEVER_COMMITTED}


def test_a_pipe_is_found_and_not_opened(here: Repo) -> None:
    import os

    place = unpack(here)
    os.mkfifo(place / "app/pipe")
    assert broken(gate(place, head(here))) == {"app/pipe": DifferenceKind.NEVER_COMMITTED}


# --- attributes, LFS, submodules


def test_line_ends_that_attributes_ask_for_are_the_commits(here: Repo) -> None:
    here.write(".gitattributes", "*.bat text eol=crlf\n*.sh text eol=lf\n")
    here.write("a.bat", "echo\n")
    commit = here.commit()
    clone = here.clone("clone")
    assert (clone.root / "a.bat").read_bytes() == b"echo\r\n"
    assert gate(clone.root, commit).outcome is Outcome.PROVED
    place = unpack(here)
    assert (place / "a.bat").read_bytes() == b"echo\r\n"
    assert gate(place, commit).outcome is Outcome.PROVED
    (place / "run.sh").write_bytes(b"#!/bin/sh\r\n")
    assert broken(gate(place, commit)) == {"run.sh": DifferenceKind.CHANGED}


def test_attributes_that_are_not_the_commits_explain_nothing(here: Repo) -> None:
    place = unpack(here)
    (place / ".gitattributes").write_text("* text eol=crlf\n")
    (place / "app/a.py").write_bytes(b"one\r\n")
    assert set(broken(gate(place, head(here)))) == {".gitattributes", "app/a.py"}


def test_attributes_that_were_changed_explain_nothing(here: Repo) -> None:
    here.write(".gitattributes", "*.bat text eol=crlf\n")
    commit = here.commit()
    place = unpack(here)
    (place / ".gitattributes").write_text("* text eol=crlf\n")
    (place / "app/a.py").write_bytes(b"one\r\n")
    assert set(broken(gate(place, commit))) == {".gitattributes", "app/a.py"}


def test_without_git_attributes_explain_nothing(
    here: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here.write(".gitattributes", "*.bat text eol=crlf\n")
    here.write("a.bat", "echo\n")
    commit = here.commit()
    place = unpack(here)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = gate(place, commit)
    assert set(broken(found)) == {"a.bat"}
    assert "git is not installed" in found.notes[0]
    (place / "a.bat").write_bytes(b"echo\n")
    assert gate(place, commit).outcome is Outcome.PROVED


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


def test_a_file_that_its_lfs_pointer_names_is_the_commits(here: Repo) -> None:
    import hashlib

    big = b"weights\0" * 1000
    here.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    here.write("app/m.bin", POINTER.format(hashlib.sha256(big).hexdigest(), len(big)))
    commit = here.commit()
    place = unpack(here)
    found = gate(place, commit)
    assert broken(found) == {"app/m.bin": DifferenceKind.LFS_POINTER}
    (place / "app/m.bin").write_bytes(big)
    assert gate(place, commit).outcome is Outcome.PROVED
    (place / "app/m.bin").write_bytes(big[:-1] + b"x")
    assert broken(gate(place, commit)) == {"app/m.bin": DifferenceKind.CHANGED}


def test_where_lfs_is_spoken_of_and_git_is_missing_nobody_can_tell(
    here: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here.write(".gitattributes", "*.bin filter=lfs -text\n")
    here.write("app/m.bin", POINTER.format("0" * 64, 5))
    commit = here.commit()
    place = unpack(here)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gate(place, commit).outcome is Outcome.UNPROVED


@pytest.fixture
def with_library(here: Repo, world: World) -> Repo:
    """The same with a submodule that the build reads."""
    library = world.repo("library")
    library.commit(code_py="lib = 1\n")
    here.git("submodule", "add", "-q", library.root.as_uri(), "app/lib")
    here.commit()
    return here


def test_a_submodule_is_compared_as_well(with_library: Repo) -> None:
    commit = head(with_library)
    found = gate(with_library.root, commit)
    assert found.outcome is Outcome.PROVED, found
    assert found.same == len(FILES) + 3
    with_library.write("app/lib/code.py", "lib = 2\n")
    with_library.write("app/lib/more.py", "")
    assert broken(gate(with_library.root, commit)) == {
        "app/lib/code.py": DifferenceKind.CHANGED,
        "app/lib/more.py": DifferenceKind.NEVER_COMMITTED,
    }


def test_a_submodule_in_an_upload(with_library: Repo) -> None:
    place = unpack(with_library)
    assert broken(gate(place, head(with_library))) == {"app/lib": DifferenceKind.SUBMODULE}
    shutil.rmtree(place / "app/lib")
    shutil.copytree(with_library.root / "app/lib", place / "app/lib")
    assert gate(place, head(with_library)).outcome is Outcome.PROVED


def test_a_submodule_that_nothing_proves(with_library: Repo) -> None:
    place = unpack(with_library)
    bare = with_library.clone("bare", "--no-recurse-submodules")
    write_proof(bare.root, None, place / NAME)
    shutil.rmtree(place / "app/lib")
    shutil.copytree(with_library.root / "app/lib", place / "app/lib")
    found = gate(place, head(with_library))
    assert found.outcome is Outcome.UNPROVED
    assert "app/lib" in found.because


def test_a_submodule_that_no_build_reads_may_stay_away(here: Repo, world: World) -> None:
    library = world.repo("library")
    library.commit(code_py="lib = 1\n")
    here.git("submodule", "add", "-q", library.root.as_uri(), "theme")
    commit = here.commit()
    clone = here.clone("clone")
    found = gate(clone.root, commit)
    assert found.outcome is Outcome.PROVED, found
    assert [one.path for one in found.left_out] == ["theme"]


def test_a_name_that_is_no_text(here: Repo) -> None:
    import os

    odd = os.fsdecode(b"app/\xff.py")
    here.write(odd, "odd\n")
    commit = here.commit()
    assert gate(here.root, commit).outcome is Outcome.PROVED
    assert gate(unpack(here), commit).outcome is Outcome.PROVED


def test_a_proof_that_the_build_would_copy_is_told(here: Repo) -> None:
    here.write("Dockerfile", "FROM scratch\nCOPY . /app\n")
    commit = here.commit()
    assert any(NAME in note for note in gate(unpack(here), commit).notes)


def test_a_proof_with_the_id_of_no_part_of_the_commit_is_none(here: Repo) -> None:
    place = unpack(here)
    data = (place / NAME).read_bytes()
    assert git_proof.is_proof(data)
    bent = data + b"deadbeef" * 5 + b" missing\n"
    (place / NAME).write_bytes(bent)
    assert not git_proof.is_proof(bent)
    assert gate(place).outcome is Outcome.UNPROVED
    assert not git_proof.is_proof(data.replace(b" tree ", b" tree 0", 1))


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore"])
def test_a_pipe_is_not_waited_for(here: Repo, name: str) -> None:
    import os

    (here.root / name).unlink()
    os.mkfifo(here.root / name)
    assert gate(here.root).outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    "lines",
    ["FROM scratch\nRUN --mount=source=docs,target=/d true\n", "# syntax=e/f\nFROM scratch\n"],
)
def test_what_a_mount_or_a_foreign_frontend_may_read_is_missed(here: Repo, lines: str) -> None:
    here.write("Dockerfile", lines)
    here.commit("Dockerfile")
    place = unpack(here)
    shutil.rmtree(place / "docs")
    assert gate(place).outcome is (Outcome.UNPROVED if "syntax" in lines else Outcome.BROKEN)
