"""Every way in which a work tree differs from HEAD, seen or hidden."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from git_world import Repo, World, world
from landed.content.repo import Repository
from landed.core.model import (
    Absent,
    Unseen,
)
from landed.core.seen import (
    Dirt,
    DirtKind,
    WorkTree,
)
from landed.providers.git import work_tree
from landed.providers.git.work_tree import UploadRule

__all__ = ["world"]

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


def look(
    here: Repo,
    *,
    upload: UploadRule | None = lambda _: "",
    reads: bool | None = True,
    own: str = "",
) -> dict[str, Dirt]:
    with Repository.open(here.root) as repo:
        found = work_tree.observe(
            repo,
            build_reads=lambda _: reads,
            upload_rule=upload,
            own_files=frozenset(own.split()),
        )
    assert isinstance(found, WorkTree)
    assert len({d.path for d in found.dirt}) == len(found.dirt)
    return {d.path: d for d in found.dirt}


def kinds(dirt: dict[str, Dirt]) -> dict[str, DirtKind]:
    return {path: piece.kind for path, piece in dirt.items()}


def test_a_clean_work_tree_is_clean(world: World) -> None:
    here, _ = world.pushed()
    assert look(here) == {}


def test_changed_deleted_staged_and_untracked(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n", b_py="1\n", c_py="1\n", d_py="1\n", e_py="1\n", g_py="1\n")
    here.write("a.py", "2\n")
    (here.root / "b.py").unlink()
    here.write("c.py", "2\n")
    here.write("new/staged.py", "x\n")
    here.git("add", "c.py", "new/staged.py")
    here.git("rm", "-q", "--cached", "d.py")
    here.write("folder/one.py", "x\n")
    (here.root / "e.py").unlink()
    (here.root / "e.py").symlink_to("a.py")
    (here.root / "g.py").chmod(0o755)
    here.write("gone.py", "x\n")
    here.git("add", "gone.py")
    (here.root / "gone.py").unlink()
    assert kinds(look(here)) == {
        "a.py": DirtKind.CHANGED,
        "b.py": DirtKind.DELETED,
        "c.py": DirtKind.CHANGED,
        "d.py": DirtKind.DELETED,
        "e.py": DirtKind.CHANGED,
        "folder/one.py": DirtKind.UNTRACKED,
        "g.py": DirtKind.CHANGED,
        "new/staged.py": DirtKind.UNTRACKED,
    }


def test_an_unmerged_file_is_changed(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    here.git("checkout", "-q", "-b", "side")
    here.commit(a_py="2\n")
    here.git("checkout", "-q", "main")
    here.commit(a_py="3\n")
    here.git("merge", "side", check=False)
    assert kinds(look(here)) == {"a.py": DirtKind.CHANGED}


def test_who_reads_it_is_passed_on(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    here.write("a.py", "2\n")
    here.write("b.py", "2\n")
    for reads in (True, False, None):
        assert {d.read_by_build for d in look(here, reads=reads).values()} == {reads}
    dropped = look(here, upload=lambda p: ".gcloudignore:1: b.py" if p == "b.py" else "")
    assert dropped["b.py"].read_by_build is False


@pytest.mark.parametrize("folder", [".landed", "worker/.landed"])
def test_a_state_that_came_with_the_repository_is_nobodys_to_believe(
    world: World, folder: str
) -> None:
    here = world.repo()
    here.write(f"{folder}/ledger.db", "whatever\n")
    here.commit()
    own = frozenset({".landed"})
    with Repository.open(here.root) as repo:
        found = work_tree.observe(
            repo, build_reads=lambda _: False, upload_rule=None, own_files=own
        )
    assert isinstance(found, Unseen)
    assert "is in git" in found.reason
    assert found.hint == f"git rm -r --cached -- {folder}"


def test_landeds_own_files_are_no_dirt_while_untracked(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    here.write("landed.toml", "")
    here.write(".landed/ledger.db", "")
    here.write("landed.toml.orig", "")
    assert "landed.toml.orig" in look(here, own="landed.toml .landed")
    (here.root / "landed.toml.orig").unlink()
    assert set(look(here)) == {"landed.toml", ".landed/ledger.db"}
    assert look(here, own="landed.toml .landed") == {}
    (here.root / ".landed/ledger.db").unlink()
    here.commit()
    here.write("landed.toml", "x = 1\n")
    assert set(look(here, own="landed.toml .landed")) == {"landed.toml"}


def test_what_python_leaves_behind_is_no_dirt(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    here.write("app/__pycache__/a.cpython-311.pyc", b"\0")
    here.write("b.pyc", b"\0")
    assert look(here) == {}


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (".git/info/exclude", ".git/info/exclude:"),
        ("app/.gitignore", "app/.gitignore:2"),
        ("", "ignore:2"),
    ],
)
def test_what_git_ignores_and_an_upload_takes_along(world: World, where: str, said: str) -> None:
    here = world.repo()
    patterns = here.root / where if where else world.home / ".config/git/ignore"
    patterns.parent.mkdir(parents=True, exist_ok=True)
    patterns.write_text("# hide it\nsecret.py\ncache/\n")
    here.commit(a_py="1\n")
    here.write("app/secret.py", "x\n")
    here.write("app/cache/deep/x.py", "x\n")
    assert here.git("status", "--porcelain") == ""
    found = look(here)
    assert kinds(found) == {
        "app/secret.py": DirtKind.UNTRACKED,
        "app/cache/deep/x.py": DirtKind.UNTRACKED,
    }
    assert said in found["app/secret.py"].hidden
    assert found["app/secret.py"].hidden.endswith("secret.py")
    assert look(here, upload=lambda _: "dropped") == kept_tracked(here)
    assert look(here, upload=None) == {}
    assert look(here, reads=False) == {}


def kept_tracked(here: Repo) -> dict[str, Dirt]:
    """What an upload that drops everything drops of the tracked files."""
    tracked = here.git("ls-files").splitlines()
    return {
        p: Dirt(path=p, kind=DirtKind.UPLOAD_DROPS, read_by_build=True, rule="dropped")
        for p in tracked
    }


def test_a_configured_excludes_file_counts(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    (world.home / "mine").write_text("secret.py\n")
    here.git("config", "--global", "core.excludesFile", "~/mine")
    here.write("secret.py", "x\n")
    assert look(here)["secret.py"].hidden == f"{world.home}/mine:1: secret.py"


def test_tracked_files_that_an_upload_drops(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n", b_md="1\n")
    found = look(here, upload=lambda p: ".gcloudignore:3: *.md" if p.endswith(".md") else "")
    assert kinds(found) == {"b.md": DirtKind.UPLOAD_DROPS}
    assert found["b.md"].rule == ".gcloudignore:3: *.md"
    assert look(here, upload=lambda _: "x", reads=False) == {}


@pytest.mark.parametrize("flag", ["assume-unchanged", "skip-worktree"])
def test_files_that_git_was_told_not_to_look_at(world: World, flag: str) -> None:
    here = world.repo()
    here.commit(a_py="1\n", b_py="1\n", c_py="1\n")
    here.git("update-index", f"--{flag}", "a.py", "b.py", "c.py")
    here.write("a.py", "2\n")
    (here.root / "b.py").unlink()
    assert here.git("status", "--porcelain") == ""
    found = look(here)
    assert kinds(found) == {"a.py": DirtKind.CHANGED, "b.py": DirtKind.DELETED}
    assert {d.hidden for d in found.values()} == {flag}
    here.write("c.py", "1\r\n")
    assert "c.py" not in look(here)
    (here.root / "c.py").chmod(0o755)
    assert "c.py" in look(here)


def test_a_sparse_checkout_lacks_files_that_the_build_reads(world: World) -> None:
    here = world.repo()
    here.write("app/a.py", "1\n")
    here.write("docs/b.md", "1\n")
    here.commit()
    here.git("sparse-checkout", "set", "app")
    found = look(here)
    assert kinds(found) == {"docs/b.md": DirtKind.DELETED}
    assert found["docs/b.md"].hidden == "sparse checkout"
    assert look(here, reads=False) == {}


def test_line_ends_of_another_system_are_clean(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n", b_txt="1\n", _gitattributes="*.txt text eol=crlf\n")
    other = here.clone("other", "--config=core.autocrlf=true")
    assert [(other.root / name).read_bytes() for name in ("a.py", "b.txt")] == [b"1\r\n"] * 2
    os.utime(other.root / "a.py", (1, 1))
    assert look(other) == {}
    other.git("config", "core.autocrlf", "false")
    assert "a.py" in look(other)


def test_executable_bits_do_not_count_where_the_disk_has_none(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    here.git("config", "core.fileMode", "false")
    (here.root / "a.py").chmod(0o755)
    assert look(here) == {}


def test_nested_repositories_are_untracked_files(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    nested = world.repo("repo/vendor/nested")
    nested.commit(x_py="1\n")
    assert kinds(look(here)) == {"vendor/nested/x.py": DirtKind.UNTRACKED}


def test_strange_file_names_survive(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    names = {b"new\nline", b"\xff\xfe", b'quo"te', b" lead"}
    for name in names:
        Path(os.fsdecode(os.fsencode(here.root) + b"/" + name)).write_text("x\n")
    assert set(look(here)) == {os.fsdecode(name) for name in names}


@pytest.fixture
def with_submodule(world: World) -> Repo:
    inner = world.repo("inner")
    inner.commit(a_py="1\n")
    here = world.repo()
    here.git("submodule", "add", "-q", inner.root.as_uri(), "lib")
    here.commit()
    return here


def test_a_clean_submodule_is_clean(with_submodule: Repo) -> None:
    assert look(with_submodule) == {}


def test_a_submodule_at_another_commit(with_submodule: Repo) -> None:
    Repo(with_submodule.root / "lib", 9).commit(a_py="2\n")
    assert kinds(look(with_submodule)) == {"lib": DirtKind.SUBMODULE}
    with_submodule.git("add", "lib")
    assert kinds(look(with_submodule)) == {"lib": DirtKind.SUBMODULE}
    with_submodule.commit()
    assert look(with_submodule) == {}


def test_dirt_inside_a_submodule(with_submodule: Repo) -> None:
    inside = Repo(with_submodule.root / "lib", 9)
    inside.write("a.py", "2\n")
    inside.write("new.py", "2\n")
    assert kinds(look(with_submodule)) == {
        "lib/a.py": DirtKind.SUBMODULE,
        "lib/new.py": DirtKind.SUBMODULE,
    }
    with_submodule.git("config", "submodule.lib.ignore", "all")
    assert len(look(with_submodule)) == 2


def test_a_submodule_that_is_not_there(with_submodule: Repo) -> None:
    with_submodule.git("submodule", "deinit", "-q", "-f", "lib")
    found = look(with_submodule)
    assert kinds(found) == {"lib": DirtKind.SUBMODULE}
    assert found["lib"].hidden == "not initialised"


def test_a_submodule_whose_repository_is_broken(with_submodule: Repo) -> None:
    shutil.rmtree(with_submodule.root / ".git/modules/lib/objects")
    found = look(with_submodule)
    assert kinds(found) == {"lib": DirtKind.SUBMODULE}
    assert found["lib"].hidden.startswith("cannot be read")


def lfs(here: Repo, content: bytes) -> str:
    """Commits a pointer by hand, as git-lfs would."""
    pointer = POINTER.format(hashlib.sha256(content).hexdigest(), len(content))
    here.commit(_gitattributes="*.bin filter=lfs diff=lfs merge=lfs -text\n", big_bin=pointer)
    return pointer


def test_an_lfs_pointer_instead_of_the_file(world: World) -> None:
    here = world.repo()
    lfs(here, b"large")
    assert kinds(look(here)) == {"big.bin": DirtKind.LFS_POINTER}


def test_an_lfs_file_that_is_what_its_pointer_says_is_clean(world: World) -> None:
    here = world.repo()
    lfs(here, b"large")
    here.write("big.bin", b"large")
    assert look(here) == {}
    here.write("big.bin", b"other")
    assert kinds(look(here)) == {"big.bin": DirtKind.CHANGED}
    (here.root / "big.bin").unlink()
    assert kinds(look(here)) == {"big.bin": DirtKind.DELETED}


def test_a_pointer_without_the_attribute_is_just_a_file(world: World) -> None:
    here = world.repo()
    here.commit(a_txt=POINTER.format("0" * 64, 1))
    assert look(here) == {}


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")
def test_real_git_lfs(world: World) -> None:
    here = world.repo()
    here.git("lfs", "install", "--local")
    here.git("lfs", "track", "*.bin")
    here.commit(big_bin=b"large")
    assert b"oid sha256" in os.fsencode(here.git("cat-file", "-p", "HEAD:big.bin"))
    assert look(here) == {}
    here.git("update-index", "--assume-unchanged", "big.bin")
    assert look(here) == {}
    here.write("big.bin", b"other")
    assert look(here)["big.bin"].hidden == "assume-unchanged"


def test_a_bare_repository_has_no_work_tree(world: World) -> None:
    _, bare = world.pushed()
    with Repository.open(bare.root) as repo:
        found = work_tree.observe(repo, build_reads=lambda _: True, upload_rule=None)
    assert isinstance(found, Absent)


def test_before_the_first_commit_there_is_nothing_to_compare_with(world: World) -> None:
    here = world.repo()
    with Repository.open(here.root) as repo:
        found = work_tree.observe(repo, build_reads=lambda _: True, upload_rule=None)
    assert isinstance(found, Absent)
    assert "no commits" in found.reason


def test_a_broken_index_is_unseen(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    (here.root / ".git/index").write_bytes(b"DIRCxxxx")
    with Repository.open(here.root) as repo:
        found = work_tree.observe(repo, build_reads=lambda _: True, upload_rule=None)
    assert isinstance(found, Unseen)


def test_a_split_index_is_read(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n", b_py="1\n")
    here.git("update-index", "--split-index")
    here.write("a.py", "2\n")
    assert kinds(look(here)) == {"a.py": DirtKind.CHANGED}


def test_valid_bits_of_a_file_monitor_are_not_believed(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    trap, _ = world.trap("monitor")
    trap.write_text("#!/bin/sh\nprintf 'token\\0'\n")
    here.git("config", "core.fsmonitor", str(trap))
    here.git("update-index", "--fsmonitor")
    here.git("status")
    here.write("a.py", "2\n")
    assert here.git("status", "--porcelain") == "", "the monitor says that nothing changed"
    assert kinds(look(here)) == {"a.py": DirtKind.CHANGED}


def test_the_evidence_counts_and_shows(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    here.write("a.py", "2\n")
    with Repository.open(here.root) as repo:
        found = work_tree.observe(repo, build_reads=lambda _: True, upload_rule=None)
    assert isinstance(found, WorkTree)
    assert found.evidence[0].facts["counts"] == {"changed": 1}
    assert found.evidence[0].facts["first"] == ["changed: a.py"]
    assert found.evidence[0].see.startswith("git status")
