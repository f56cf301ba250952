"""Fixes that get lost before anything is built: links 1 and 2."""

from __future__ import annotations

import pytest

from scenarios.shop import POINTER, SCHOOL, Shop, bad, good


def test_a_commit_that_was_never_pushed_breaks_only_the_push(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.release()
    traced = shop.trace()
    traced.breaks("pushed", "commit-not-pushed", beside=("healed",))
    assert traced.link("pushed")["remedy"] == ["git push origin HEAD:refs/heads/main"]
    assert {"stale-tracking-ref", "wrong-branch"} <= traced.ruled_out("pushed")
    assert traced.diagnosis("healed") == "change-not-running"
    assert traced.answers == ("no", "yes", "no")
    checked = shop.landed("check")
    checked.breaks("pushed", "commit-not-pushed")
    assert checked.data["unpushed"] == [fix]


def test_the_remote_is_asked_and_not_the_tracking_ref(shop: Shop) -> None:
    shop.lose()
    lost = shop.git("rev-parse", "HEAD")
    fix = shop.fix()
    shop.push()
    other = shop.clone("other")
    shop.git("push", "-q", "--force", "origin", f"{lost}:refs/heads/main", at=other)
    assert shop.git("rev-parse", "origin/main") == fix
    for asked in (shop.landed("check"), shop.trace()):
        beside = ("healed",) if "answers" in asked.data and len(asked.data["links"]) > 2 else ()
        asked.breaks("pushed", "stale-tracking-ref", beside=beside)
        assert "commit-not-pushed" in asked.link("pushed")["also"]


def test_a_branch_that_is_gone_from_the_remote_breaks_the_push(shop: Shop) -> None:
    shop.git("push", "-q", "origin", "HEAD:refs/heads/spare")
    shop.git("symbolic-ref", "HEAD", "refs/heads/spare", at=shop.remote)
    shop.git("push", "-q", "origin", ":refs/heads/main")
    checked = shop.landed("check")
    assert (checked.code, checked.data["first_break"]) == (1, "pushed"), checked.said()


def test_a_changed_file_breaks_the_check(shop: Shop) -> None:
    shop.write("app/job.py", good("work done twice"))
    checked = shop.landed("check")
    checked.breaks("committed", "uncommitted-change")
    assert checked.data["build_takes"] == ["app/job.py"]
    assert "untracked-file" in checked.ruled_out("committed")


def test_a_changed_file_breaks_a_trace_while_nothing_was_built(shop: Shop) -> None:
    shop.write("app/job.py", good("work done twice"))
    traced = shop.trace()
    traced.breaks("committed", "uncommitted-change")
    assert traced.answers == ("no", "unknown", "unknown")


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_change_that_git_was_told_to_hide_breaks_the_check(shop: Shop, flag: str) -> None:
    shop.git("update-index", flag, "app/job.py")
    shop.write("app/job.py", good("work done twice"))
    assert not shop.git("status", "--porcelain")
    checked = shop.landed("check")
    checked.breaks("committed", "uncommitted-change")
    assert flag.strip("-") in checked.link("committed")["because"]


def test_a_staged_change_breaks_the_check(shop: Shop) -> None:
    shop.write("app/job.py", good("work done twice"))
    shop.git("add", "-A")
    shop.landed("check").breaks("committed", "uncommitted-change")


def test_a_new_file_that_is_staged_breaks_the_check(shop: Shop) -> None:
    shop.write("app/school.py", good())
    shop.git("add", "-A")
    checked = shop.landed("check")
    checked.breaks("committed", "untracked-file")
    assert checked.data["build_takes"] == ["app/school.py"]


def test_a_new_file_that_is_staged_breaks_a_trace_while_nothing_was_built(shop: Shop) -> None:
    shop.write("app/school.py", good())
    shop.git("add", "-A")
    shop.trace().breaks("committed", "untracked-file")


def test_a_deleted_file_breaks_the_check(shop: Shop) -> None:
    (shop.work / "app/__init__.py").unlink()
    checked = shop.landed("check")
    checked.breaks("committed", "uncommitted-change")
    assert checked.data["build_lacks"] == ["app/__init__.py"]


def test_a_lost_exec_bit_breaks_the_check(shop: Shop) -> None:
    (shop.work / "app/job.py").chmod(0o755)
    shop.landed("check").breaks("committed", "uncommitted-change")


def test_an_untracked_file_breaks_the_check(shop: Shop) -> None:
    shop.write("app/school.py", good())
    checked = shop.landed("check")
    checked.breaks("committed", "untracked-file")
    assert checked.data["build_takes"] == ["app/school.py"]


@pytest.mark.parametrize("place", [".git/info/exclude", "app/.gitignore"])
def test_an_untracked_file_that_git_does_not_show_breaks_the_check(shop: Shop, place: str) -> None:
    with (shop.work / place).open("a") as file:
        file.write("school.py\n")
    if place.startswith("app/"):
        shop.commit("Ignore it")
        shop.push()
    shop.write("app/school.py", good())
    assert not shop.git("status", "--porcelain")
    shop.landed("check").breaks("committed", "untracked-file")


def test_a_changed_and_an_untracked_file_are_both_named(shop: Shop) -> None:
    shop.write("app/school.py", good())
    shop.write("app/job.py", good("work done twice"))
    checked = shop.landed("check")
    checked.breaks("committed", "untracked-file")
    assert checked.link("committed")["also"] == ["uncommitted-change"]


def test_dirt_and_a_missing_push_are_two_breaks(shop: Shop) -> None:
    shop.fix()
    shop.write("app/job.py", bad(SCHOOL))
    checked = shop.landed("check")
    checked.breaks("committed", "uncommitted-change", beside=("pushed",))
    assert checked.diagnosis("pushed") == "commit-not-pushed"


def test_a_tracked_file_that_an_upload_would_drop_breaks_the_check(shop: Shop) -> None:
    shop.write(".gitignore", ".landed/\n__pycache__/\n*.dat\n")
    shop.write("app/schools.dat", "one\n")
    shop.git("add", "-f", "app/schools.dat")
    shop.commit("The schools")
    shop.push()
    checked = shop.landed("check")
    checked.breaks("committed", "ignored-by-upload")
    assert ".gitignore:3" in checked.link("committed")["because"]
    assert checked.data["build_lacks"] == ["app/schools.dat"]
    shop.settings("", builder="clone")
    assert shop.landed("check").statuses()["committed"] == "holds"


def test_an_lfs_pointer_in_place_of_the_file_breaks_the_check(shop: Shop) -> None:
    shop.write(".gitattributes", "*.bin filter=lfs\n")
    shop.write("app/model.bin", POINTER)
    shop.commit("A model")
    shop.push()
    shop.landed("check").breaks("committed", "lfs-pointer")


def test_a_submodule_that_stands_elsewhere_breaks_the_check(shop: Shop) -> None:
    library = shop.clone("library")
    url = shop.remote.as_uri()
    shop.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "app/library")
    shop.commit("The library")
    shop.push()
    inner = shop.work / "app/library"
    shop.git("commit", "-q", "--allow-empty", "-m", "Ahead", at=inner)
    assert library.is_dir()
    shop.landed("check").breaks("committed", "submodule-behind")


def test_a_fix_on_another_branch_breaks_the_push(shop: Shop) -> None:
    shop.git("switch", "-q", "-c", "topic")
    fix = shop.fix()
    shop.push("topic")
    checked = shop.landed("check", fix)
    checked.breaks("pushed", "wrong-branch")
    assert "commit-not-pushed" in checked.ruled_out("pushed")
    assert "topic" in checked.link("pushed")["because"]


def test_a_fix_that_was_not_picked_to_the_release_branch_breaks_the_push(shop: Shop) -> None:
    shop.push("release/1")
    shop.write("landed.toml", (shop.work / "landed.toml").read_text().replace("main", "release/1"))
    shop.commit("Ship the release branch")
    fix = shop.fix()
    shop.push()
    checked = shop.landed("check", fix)
    checked.breaks("pushed", "pick-missing")
    assert checked.link("pushed")["also"] == ["wrong-branch"]
    assert "commit-not-pushed" in checked.ruled_out("pushed")


def test_a_fix_that_was_reverted_on_the_remote_breaks_the_push(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.git("revert", "--no-edit", "HEAD")
    undone_by = shop.git("rev-parse", "HEAD")
    shop.push()
    checked = shop.landed("check", fix)
    checked.breaks("pushed", "reverted")
    assert checked.link("pushed")["remedy"] == [f"git revert {undone_by}", "git push"]


def test_a_merge_that_threw_the_fix_away_breaks_the_push(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.git("switch", "-q", "-c", "topic")
    fix = shop.fix()
    shop.git("switch", "-q", "main")
    shop.git("merge", "-q", "-s", "ours", "--no-edit", "topic")
    shop.push()
    checked = shop.landed("check", fix)
    checked.breaks("pushed", "reverted")


def test_a_fix_of_which_a_part_was_lost_in_a_merge_breaks_the_push(shop: Shop) -> None:
    shop.git("switch", "-q", "-c", "topic")
    shop.write("app/school.py", good())
    fix = shop.fix(good("work done well"))
    shop.git("switch", "-q", "main")
    shop.git("merge", "-q", "--no-ff", "--no-commit", "topic")
    shop.git("checkout", "HEAD", "--", "app/job.py")
    shop.git("commit", "-q", "-m", "Merge, badly")
    shop.push()
    checked = shop.landed("check", fix)
    checked.breaks("pushed", "reverted")


def test_a_dockerfile_that_is_named_and_not_there_proves_nothing(shop: Shop) -> None:
    text = (shop.work / "landed.toml").read_text()
    table = "[deployables.worker]\n"
    assert shop.landed("check").code == 0
    for named in ('dockerfile = "Dockerfile.prod"\n', 'folder = "nowhere"\n'):
        shop.write("landed.toml", text.replace(table, f"{table}{named}"))
        shop.commit("Other settings")
        shop.push()
        checked = shop.landed("check")
        assert (checked.code, checked.verdict) == (3, "unproved"), checked.data
        assert "which landed.toml names" in checked.link("committed")["because"]
        shipped = shop.landed("ship", "--dry-run")
        assert (shipped.code, shipped.data["check"]["status"]) == (3, "unseen")
    shop.write("Dockerfile.prod", "FROM python:3.11-slim\nCOPY . /app\n")
    named = 'dockerfile = "Dockerfile.prod"\n'
    shop.write("landed.toml", text.replace(table, f"{table}{named}"))
    assert shop.landed("check").code == 1
    shop.commit("Another Dockerfile")
    shop.push()
    assert shop.landed("check").code == 0


def test_where_nothing_is_said_of_a_dockerfile_none_is_missed(shop: Shop) -> None:
    shop.git("rm", "-q", "landed.toml", "Dockerfile")
    shop.commit("Neither settings nor a Dockerfile")
    shop.push()
    assert shop.landed("check").code == 0
