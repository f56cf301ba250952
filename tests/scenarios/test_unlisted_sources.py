"""Faults that stand in no list: what was built, and from what."""

from __future__ import annotations

from scenarios.shop import DOCKERFILE, SCHOOL, Shop, bad, good


def test_a_build_from_a_fork(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    fork = shop.folder / "fork.git"
    shop.git("clone", "-q", "--bare", shop.remote.as_uri(), str(fork), at=shop.folder)
    shop.git("remote", "add", "fork", str(fork))
    shop.git("switch", "-q", "-c", "mine")
    shop.change(good("work done by the fork"))
    shop.git("push", "-q", "fork", "HEAD:refs/heads/main")
    shop.git("switch", "-q", "main")
    shop.release("--source", "remote", "--ref", "main", "--remote", "fork")
    traced = shop.trace()
    traced.breaks("sourced", "other-commit-built")
    assert traced.answers[1] == "no"


def test_a_commit_that_is_dirty_and_was_never_built(shop: Shop) -> None:
    shop.release()
    shop.change(good("work done later"))
    shop.push()
    shop.write("app/job.py", good("work done even later"))
    traced = shop.trace()
    assert traced.verdict == "broken"
    assert "was built" not in traced.link("committed")["because"], traced.said()


def test_an_uncommitted_rewrite_of_the_fix_is_not_the_fix(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.write("app/job.py", "def run():\n    words = 'work' + ' done'\n    return words\n")
    shop.roll_out(shop.upload())
    traced = shop.trace()
    assert traced.verdict == "broken", traced.said()
    assert traced.answers[0] != "yes", traced.said()


def test_a_replaced_commit_is_not_looked_at(shop: Shop) -> None:
    shop.lose()
    lost = shop.git("rev-parse", "HEAD")
    fix = shop.fix()
    shop.git("replace", lost, fix)
    shop.git("update-ref", "refs/replace/" + fix, lost)
    traced = shop.trace()
    assert traced.data["first_break"] == "pushed", traced.said()
    assert traced.answers[0] == "no", traced.said()


def test_a_dirty_upload_in_which_the_fix_is_undone(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.release()
    shop.write("app/job.py", bad(SCHOOL))
    shop.roll_out(shop.upload())
    traced = shop.trace()
    assert traced.verdict == "broken", traced.said()
    assert traced.answers[0] == "no", traced.said()
    assert traced.data["first_break"] == "sourced", traced.said()


def test_a_deletion_that_an_upload_does_not_have(shop: Shop) -> None:
    shop.write("app/old.py", "OLD = 1\n")
    shop.commit("Old")
    shop.push()
    shop.git("rm", "-q", "app/old.py")
    shop.commit("Remove the old")
    shop.push()
    shop.write("app/old.py", "OLD = 1\n")
    shop.roll_out(shop.upload())
    traced = shop.trace()
    assert traced.data["first_break"] == "sourced", traced.said()
    assert traced.answers[0] == "no", traced.said()


def test_a_merge_that_is_not_built_is_not_proved_by_its_branch(shop: Shop) -> None:
    shop.lose()
    shop.git("switch", "-q", "-c", "topic")
    shop.fix()
    shop.git("switch", "-q", "main")
    shop.write("app/other.py", "OTHER = 1\n")
    shop.commit("Meanwhile")
    shop.push()
    shop.release()
    shop.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    shop.push()
    traced = shop.trace()
    traced.breaks("sourced", "earlier-build")


def test_a_rebuild_on_another_machine_claims_the_same_commit(shop: Shop) -> None:
    shop.write("Dockerfile", DOCKERFILE + "ARG COMMIT_SHA\nLABEL revision=$COMMIT_SHA\n")
    shop.lose()
    fix = shop.fix()
    shop.push()
    lost = shop.git("rev-parse", "HEAD~1")
    shop.git("checkout", "-q", lost, "--", "app/job.py")
    built = shop.build("--source", "upload", "--substitutions", f"COMMIT_SHA={fix}")
    shop.roll_out(built)
    traced = shop.trace()
    assert traced.verdict == "broken"
    assert traced.answers[0] == "no"
    assert traced.data["first_break"] == "sourced", traced.said()


def test_line_ends_that_no_checkout_made_are_worth_a_word(shop: Shop) -> None:
    shop.write("app/run.sh", "#!/bin/sh\ntrue\n")
    shop.commit("A script")
    shop.push()
    (shop.work / "app/run.sh").write_bytes(b"#!/bin/sh\r\ntrue\r\n")
    assert shop.landed("check").code == 1
    shop.roll_out(shop.upload())
    traced = shop.trace()
    # git calls it changed, as no attribute and no autocrlf made it; the content is the same.
    assert "line ends" in str(traced.link("sourced")["notes"]), traced.said()
