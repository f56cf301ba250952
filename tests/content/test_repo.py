"""Repositories of every kind, opened and read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from git_world import Repo, World, world
from landed.content.git import place
from landed.content.git.process import Done
from landed.content.repo import File, Repository
from landed.core.errors import ProviderError, UsageError

__all__ = ["world"]


def blob(repo: Repo, content: bytes) -> str:
    return repo.git("hash-object", "--stdin", given=content)


def test_head_branch_and_root_are_found_from_a_folder_below(world: World) -> None:
    here = world.repo()
    first = here.commit(a_py="1\n")
    (here.root / "below").mkdir()
    with Repository.open(here.root / "below") as repo:
        assert repo.root == here.root
        assert repo.head() == (first, "main")
        assert (repo.object_format, repo.shallow, repo.partial) == ("sha1", False, False)


def test_a_detached_head_has_no_branch(world: World) -> None:
    here = world.repo()
    first = here.commit(a_py="1\n")
    here.git("checkout", "-q", "--detach")
    with Repository.open(here.root) as repo:
        assert repo.head() == (first, None)


def test_a_linked_work_tree_has_its_own_head_and_index(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    here.git("worktree", "add", "-q", "-b", "side", "../linked")
    linked = Repo(here.root.parent / "linked", 5)
    second = linked.commit(b_py="2\n")
    with Repository.open(linked.root) as repo:
        assert repo.root == linked.root
        assert repo.head() == (second, "side")
        assert set(repo.tree(second)) == {"a.py", "b.py"}
        assert repo.git_in_work_tree("status", "--porcelain").out == b""


def test_a_sha256_repository_is_read(world: World) -> None:
    here = world.repo("repo", "--object-format=sha256")
    first = here.commit(a_py="1\n")
    with Repository.open(here.root) as repo:
        assert len(first) == 64
        assert repo.object_format == "sha256"
        assert repo.changed_paths(first) == [
            ("a.py", None, File(mode="100644", blob=blob(here, b"1\n")))
        ]
        assert repo.read([blob(here, b"1\n")]) == {blob(here, b"1\n"): b"1\n"}


def test_a_bare_repository_has_no_root(world: World) -> None:
    _, bare = world.pushed()
    with Repository.open(bare.root) as repo:
        assert repo.root is None
        assert repo.tree(repo.resolve("main")).keys() == {"a.py"}
        with pytest.raises(UsageError, match="bare"):
            repo.git_in_work_tree("status")


def test_an_empty_repository_has_no_head(world: World) -> None:
    here = world.repo()
    with Repository.open(here.root) as repo:
        assert repo.head() == (None, "main")
        with pytest.raises(UsageError, match="no commits yet"):
            repo.resolve("HEAD")


def test_an_empty_bare_repository_opens(world: World) -> None:
    bare = world.repo("empty.git", "--bare")
    with Repository.open(bare.root) as repo:
        assert (repo.root, repo.head()) == (None, (None, "main"))


def test_no_repository_is_a_usage_error(world: World) -> None:
    with pytest.raises(UsageError, match="no git repository"):
        Repository.open(world.folder)
    with pytest.raises(UsageError, match="no folder"):
        Repository.open(world.folder / "nowhere")


def test_gits_own_folder_is_a_usage_error(world: World) -> None:
    here = world.repo()
    with pytest.raises(UsageError, match="own folder"):
        Repository.open(here.root / ".git")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
def test_somebody_elses_repository_is_refused_with_the_way_to_trust_it(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    subprocess.run(["chown", "-R", "12345", str(here.root)], check=True)
    with pytest.raises(UsageError, match="another user") as caught:
        Repository.open(here.root)
    assert f"safe.directory {here.root}" in caught.value.hint


def test_an_ownership_complaint_is_told_from_other_failures(tmp_path: Path) -> None:
    complaint = Done(code=128, out=b"", words="fatal: detected dubious ownership in repository")
    with pytest.raises(UsageError, match="another user"):
        place.read(tmp_path, complaint)
    with pytest.raises(ProviderError, match="bad config"):
        place.read(tmp_path, Done(code=128, out=b"", words="fatal: bad config line 1"))


def test_revisions_of_all_kinds_resolve(world: World) -> None:
    here = world.repo()
    first = here.commit("first", a_py="1\n")
    here.git("tag", "-a", "-m", "x", "v1")
    second = here.commit("second", a_py="2\n")
    here.git("pack-refs", "--all")
    here.git("branch", "loose", first)
    with Repository.open(here.root) as repo:
        found = [repo.resolve(rev) for rev in ("HEAD", "main", "v1", "HEAD~1", first[:8], "loose")]
        assert found == [second, second, first, first, first, first]
        assert repo.resolve("main@{1}") == first
        assert repo.resolve(":/second") == second
        assert repo.ref("refs/heads/main") == second
        assert repo.ref("refs/heads/loose") == first
        assert repo.ref("refs/heads/none") is None


@pytest.mark.parametrize("rev", ["nope", "f" * 40, "HEAD~9", "a..b"])
def test_an_unknown_revision_is_a_usage_error(world: World, rev: str) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    with Repository.open(here.root) as repo, pytest.raises(UsageError, match="is here"):
        repo.resolve(rev)


@pytest.mark.parametrize("rev", ["", "-x", "--all", "--upload-pack=x"])
def test_a_revision_that_looks_like_an_option_is_refused(world: World, rev: str) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    with Repository.open(here.root) as repo, pytest.raises(UsageError, match="names no commit"):
        repo.resolve(rev)


def test_a_blob_is_no_commit(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    with Repository.open(here.root) as repo, pytest.raises(UsageError, match="is a blob"):
        repo.resolve("HEAD:a.py")


def test_an_ambiguous_prefix_names_the_candidates(world: World) -> None:
    here = world.repo()
    seen: dict[str, str] = {}
    prefix = ""
    tree = here.git("write-tree")
    # By the birthday rule a few hundred commits share four digits.
    for number in range(3000):
        here.minutes += 1
        made = here.git("commit-tree", "-m", str(number), tree)
        if made[:4] in seen:
            prefix = made[:4]
            here.git("update-ref", "refs/heads/main", made)
            break
        seen[made[:4]] = made
    with Repository.open(here.root) as repo, pytest.raises(UsageError, match="several") as caught:
        repo.resolve(prefix)
    assert caught.value.message.count(" commit ") == 2


def test_a_commit_is_read_with_its_trailers(world: World) -> None:
    here = world.repo()
    first = here.commit("first", a_py="1\n")
    second = here.commit("Über: fix it\n\nWhy.\n\nFixes: #1\nFixes: #2\nSigned-off-by: A <a@b.c>")
    with Repository.open(here.root) as repo:
        commit = repo.commit(second)
    assert (commit.id, commit.parents, commit.subject) == (second, (first,), "Über: fix it")
    assert commit.body.startswith("Why.")
    assert commit.trailers == {"Fixes": ("#1", "#2"), "Signed-off-by": ("A <a@b.c>",)}
    assert commit.committed_at.timestamp() == 1_700_000_000 + 120


def test_a_tree_is_read_whole_and_by_folder(world: World) -> None:
    here = world.repo()
    here.write("app/run.sh", "#!/bin/sh\n", executable=True)
    here.write("app/deep/b.py", "b\n")
    (here.root / "app/deep/link").symlink_to("b.py")
    first = here.commit(a_py="1\n")
    with Repository.open(here.root) as repo:
        assert set(repo.tree(first)) == {"a.py", "app/run.sh", "app/deep/b.py", "app/deep/link"}
        below = repo.tree(first, "app/")
        assert {path: f.mode for path, f in below.items()} == {
            "run.sh": "100755",
            "deep/b.py": "100644",
            "deep/link": "120000",
        }
        assert repo.tree(first, ".").keys() == repo.tree(first).keys()
        assert repo.tree(first, "nowhere") == {}
        with pytest.raises(ProviderError):
            repo.tree("f" * 40)


def test_strange_file_names_survive(world: World) -> None:
    here = world.repo()
    names = [b"new\nline", b"\xff\xfe", b"tab\there", b'quo"te', b"sp ace", b"*", "ü".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(here.root) + b"/" + name)).write_text("x\n")
    first = here.commit()
    with Repository.open(here.root) as repo:
        wanted = {os.fsdecode(name) for name in names}
        assert set(repo.tree(first)) == wanted
        assert {path for path, _, _ in repo.changed_paths(first) or []} == wanted
        assert set(repo.files(first, ["*", "new\nline"])) == {"*", "new\nline"}


def test_changed_paths_are_against_the_first_parent(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n", b_py="1\n")
    here.git("checkout", "-q", "-b", "side")
    here.commit(c_py="side\n")
    here.git("checkout", "-q", "main")
    here.commit(a_py="2\n")
    here.minutes += 1
    here.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    (here.root / "b.py").unlink()
    gone = here.commit("delete")
    with Repository.open(here.root) as repo:
        merge = repo.changed_paths(repo.resolve("HEAD~1")) or []
        assert [(path, old is None, new is None) for path, old, new in merge] == [
            ("c.py", True, False)
        ]
        deleted = repo.changed_paths(gone) or []
        assert [(path, old is None, new is None) for path, old, new in deleted] == [
            ("b.py", False, True)
        ]
        assert len(repo.changed_paths(repo.resolve("HEAD~3")) or []) == 2


def test_a_commit_without_changes_changes_no_path(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    empty = here.commit("empty")
    with Repository.open(here.root) as repo:
        assert repo.changed_paths(empty) == []


def test_blobs_are_read_and_missing_ones_are_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world.repo()
    big, small = b"x" * 100_000, b"a\n\0b"
    here.write("big", big)
    here.commit(small=small)
    ids = [blob(here, big), blob(here, small), "f" * 40]
    with Repository.open(here.root) as repo:
        assert repo.read(ids) == dict(zip(ids, [big, small, None], strict=True))
        assert repo.missing(ids) == {"f" * 40}
        monkeypatch.setattr("landed.content.git.store.LARGEST_BLOB", 50_000)
        assert repo.read(ids) == dict(zip(ids, [None, small, None], strict=True))


def test_ancestry(world: World) -> None:
    here = world.repo()
    first = here.commit(a_py="1\n")
    second = here.commit(a_py="2\n")
    here.git("checkout", "-q", "-b", "side", first)
    side = here.commit(b_py="1\n")
    with Repository.open(here.root) as repo:
        assert repo.is_ancestor(first, second) is True
        assert repo.is_ancestor(second, first) is False
        assert repo.is_ancestor(second, side) is False
        assert repo.is_ancestor("f" * 40, second) is False
        assert repo.is_ancestor(first, "f" * 40) is None
        assert repo.containing(second, {"m": second, "s": side}) == {"m"}
        assert repo.containing(first, {"m": second, "s": side, "f": first}) == {"m", "s", "f"}


def test_a_no_in_a_shallow_clone_is_no_no(world: World) -> None:
    here = world.repo()
    first = here.commit(a_py="1\n")
    here.commit(a_py="2\n")
    third = here.commit(a_py="3\n")
    shallow = here.clone("shallow", "--depth=1")
    with Repository.open(shallow.root) as repo:
        assert repo.shallow is True
        assert repo.is_ancestor(first, third) is None
        assert repo.changed_paths(third) is None
        with pytest.raises(UsageError) as caught:
            repo.resolve(first)
        assert "unshallow" in caught.value.hint


def test_a_partial_clone_is_recognised_and_nothing_is_fetched_behind_ones_back(
    world: World,
) -> None:
    here, bare = world.pushed()
    second = here.commit(a_py="2\n")
    here.git("push", "-q")
    partial = bare.clone("partial", "--filter=blob:none", "--no-checkout")
    wanted = blob(here, b"2\n")
    with Repository.open(partial.root) as repo:
        assert repo.partial is True
        assert [path for path, _, _ in repo.changed_paths(second) or []] == ["a.py"]
        assert repo.read([wanted]) == {wanted: None}
        repo.fetch(repo.remotes()["origin"], [wanted])
        assert repo.read([wanted]) == {wanted: b"2\n"}
    assert wanted in partial.git("rev-list", "--objects", "--all", "--missing=print")


def test_replace_refs_and_grafts_are_not_believed(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    second = here.commit("true", a_py="2\n")
    other = here.commit("false", a_py="3\n")
    here.git("replace", second, other)
    with Repository.open(here.root) as repo:
        assert repo.commit(second).subject == "true"


def test_an_object_store_that_borrows_from_another_is_followed(world: World) -> None:
    here = world.repo()
    first = here.commit(a_py="1\n")
    here.git("clone", "-q", "--shared", str(here.root), "../shared")
    with Repository.open(here.root.parent / "shared") as repo:
        assert repo.changed_paths(first)


def test_a_folder_whose_name_needs_quoting_is_read(world: World) -> None:
    here = world.repo('we:ird "name"')
    first = here.commit(a_py="1\n")
    with Repository.open(here.root) as repo:
        assert set(repo.tree(first)) == {"a.py"}


def test_merges_of_texts(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    with Repository.open(here.root) as repo:
        base = b"a\nb\nc\nd\ne\n"
        assert repo.merge3(b"A\nb\nc\nd\ne\n", base, b"a\nb\nc\nd\nE\n") == b"A\nb\nc\nd\nE\n"
        assert repo.merge3(b"A\nb\nc\nd\ne\n", base, b"X\nb\nc\nd\ne\n") is None
        ours = repo.merge3(b"A\nb\nc\nd\ne\n", base, b"X\nb\nc\nd\nE\n", ours=True)
        assert ours == b"A\nb\nc\nd\nE\n"
        assert repo.merge3(b"\0a", b"\0b", b"\0c") is None


def test_submodules_are_listed_with_their_pins(world: World) -> None:
    inner = world.repo("inner")
    pin = inner.commit(a_py="1\n")
    here = world.repo()
    here.git("submodule", "add", "-q", inner.root.as_uri(), "lib/inner")
    first = here.commit()
    with Repository.open(here.root) as repo:
        assert repo.submodules(first) == {"lib/inner": pin}


def test_upstream_and_remotes(world: World) -> None:
    here, bare = world.pushed()
    with Repository.open(here.root) as repo:
        assert repo.remotes() == {"origin": bare.root.as_uri()}
        assert repo.upstream() == ("origin", "refs/heads/main")
    here.git("checkout", "-q", "--detach")
    with Repository.open(here.root) as repo:
        assert repo.upstream() is None


def test_the_scratch_folder_is_removed(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    with Repository.open(here.root) as repo:
        folder = repo.folder
        assert folder.is_dir()
    assert not folder.exists()


def test_nothing_in_the_repository_changes(world: World) -> None:
    here, _ = world.pushed()
    here.git("update-index", "--split-index")
    here.write("a.py", "changed\n")

    def snapshot() -> dict[str, tuple[int, int]]:
        return {
            str(p): (p.stat().st_mtime_ns, p.stat().st_size)
            for p in (here.root / ".git").rglob("*")
        }

    before = snapshot()
    with Repository.open(here.root) as repo:
        repo.git_in_work_tree("status", "--porcelain")
        repo.git_in_work_tree("ls-files")
        repo.fetch(repo.remotes()["origin"], ["refs/heads/main"])
        repo.resolve("main@{0}")
    assert snapshot() == before
