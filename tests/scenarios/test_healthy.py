"""What is healthy raises no alarm: the ways in which a fix may arrive."""

from __future__ import annotations

from scenarios.shop import ON_BOTH, SCHOOL, Shop, bad, good


def topic_fix(shop: Shop) -> str:
    """A fix on a branch, while main has gone on."""
    shop.lose()
    shop.git("switch", "-q", "-c", "topic")
    fix = shop.fix()
    shop.git("switch", "-q", "main")
    shop.write("app/other.py", "OTHER = 1\n")
    shop.commit("Meanwhile")
    shop.git("switch", "-q", "topic")
    return fix


@ON_BOTH
def test_a_merge_commit(shop: Shop) -> None:
    fix = topic_fix(shop)
    shop.git("switch", "-q", "main")
    shop.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    shop.push()
    shop.release()
    shop.trace().proves()
    asked = shop.trace(fix)
    asked.proves()
    assert asked.answers == ("yes", "yes", "yes")


@ON_BOTH
def test_a_squash_merge_is_asked_about_by_the_branch_s_commit(shop: Shop) -> None:
    fix = topic_fix(shop)
    shop.git("switch", "-q", "main")
    shop.git("merge", "-q", "--squash", "topic")
    shop.commit("Mend the worker (#1)")
    shop.push()
    shop.release()
    traced = shop.trace(fix)
    traced.proves()
    assert "the same change" in traced.link("pushed")["because"]


@ON_BOTH
def test_a_squash_of_several_commits_is_asked_about_by_the_last(shop: Shop) -> None:
    shop.lose()
    shop.git("switch", "-q", "-c", "topic")
    shop.change("# first try\n" + bad(SCHOOL))
    last = shop.fix()
    shop.git("switch", "-q", "main")
    shop.git("merge", "-q", "--squash", "topic")
    shop.commit("Mend the worker (#1)")
    shop.push()
    shop.release()
    shop.trace(last).proves()


@ON_BOTH
def test_a_rebased_commit_is_asked_about_by_its_old_id(shop: Shop) -> None:
    fix = topic_fix(shop)
    shop.git("rebase", "-q", "main")
    assert shop.git("rev-parse", "HEAD") != fix
    shop.git("switch", "-q", "main")
    shop.git("merge", "-q", "--ff-only", "topic")
    shop.push()
    shop.release()
    shop.trace(fix).proves()


@ON_BOTH
def test_a_cherry_pick_is_asked_about_by_the_original(shop: Shop) -> None:
    fix = topic_fix(shop)
    shop.git("switch", "-q", "main")
    shop.git("cherry-pick", "-x", fix)
    shop.push()
    shop.release()
    shop.trace(fix).proves()


@ON_BOTH
def test_a_later_commit_that_contains_the_fix_is_deployed(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.write("app/other.py", "OTHER = 1\n")
    shop.commit("More")
    shop.push()
    shop.release()
    traced = shop.trace(fix)
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")


@ON_BOTH
def test_a_fix_that_was_rewritten_later_is_still_in_there(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.change(good("work done more elegantly"))
    shop.push()
    shop.release()
    traced = shop.trace(fix)
    traced.proves()
    assert traced.answers[0] == "yes"
    assert "superseded" in traced.link("pushed")["notes"][0]


@ON_BOTH
def test_a_reverted_revert_is_in_there(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.git("revert", "--no-edit", "HEAD")
    shop.git("revert", "--no-edit", "HEAD")
    shop.push()
    shop.release()
    shop.trace(fix).proves()


@ON_BOTH
def test_a_rebuilt_image_that_is_not_deployed_is_no_break(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    first = shop.release()
    assert shop.build().data["digest"] != first
    shop.trace().proves()


@ON_BOTH
def test_a_rebuilt_image_that_is_deployed(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    assert shop.release() != shop.release()
    shop.trace().proves()


@ON_BOTH
def test_dirt_that_the_build_does_not_read(shop: Shop) -> None:
    shop.write("README.md", "a draft\n")
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert shop.landed("check").code == 0


@ON_BOTH
def test_dirt_after_the_build_is_a_note(shop: Shop) -> None:
    shop.release()
    shop.write("app/job.py", good("work done tomorrow"))
    traced = shop.trace()
    traced.proves()
    assert "app/job.py" in traced.link("committed")["notes"][0]


def test_a_commit_that_only_changes_documents(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.write("README.md", "How to\n")
    shop.commit("Say how")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.data["effect"] == "none"
    assert traced.answers == ("yes", "yes", "unknown")


def test_a_commit_that_only_changes_documents_and_was_not_built(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.release()
    shop.write("README.md", "How to\n")
    shop.commit("Say how")
    shop.push()
    traced = shop.trace()
    assert traced.verdict != "broken", traced.said()
    assert traced.data["effect"] == "none"


def test_a_commit_that_only_changes_tests(shop: Shop) -> None:
    shop.write("tests/test_job.py", "def test(): ...\n")
    shop.commit("A test")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.data["effect"] == "none"


def test_an_empty_commit(shop: Shop) -> None:
    shop.commit("Deploy")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.data["effect"] == "none"


def test_a_commit_that_deletes_a_file(shop: Shop) -> None:
    shop.write("app/old.py", "OLD = 1\n")
    shop.commit("Old")
    shop.git("rm", "-q", "app/old.py")
    shop.commit("Remove the old")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.data["effect"] == "some"


def test_a_commit_that_renames_a_file(shop: Shop) -> None:
    shop.write("app/old.py", "OLD = 1\n")
    shop.commit("Old")
    shop.git("mv", "app/old.py", "app/new.py")
    shop.commit("Rename")
    shop.push()
    shop.release()
    shop.trace().proves()


def test_a_commit_that_sets_the_exec_bit(shop: Shop) -> None:
    shop.write("app/run.sh", "true\n")
    shop.commit("A script")
    (shop.work / "app/run.sh").chmod(0o755)
    shop.commit("Make it run")
    shop.push()
    shop.release()
    shop.trace().proves()


def test_known_noise_is_no_alarm(shop: Shop) -> None:
    shop.change(noisy(1))
    shop.push()
    shop.release()
    shop.change(noisy(2))
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert "known before" in traced.link("healed")["notes"][0]


def noisy(number: int) -> str:
    """A job that works, and logs an error that nobody minds."""
    line = '{"severity": "ERROR", "message": "the cache is cold"}'
    return f"# {number}\ndef run():\n    print({line!r}, flush=True)\n    return 'work done'\n"


def test_known_noise_is_no_alarm_for_a_commit_without_effect(shop: Shop) -> None:
    shop.change(noisy(1))
    shop.push()
    shop.release()
    shop.write("README.md", "How to\n")
    shop.commit("Say how")
    shop.push()
    shop.release()
    traced = shop.trace()
    assert traced.verdict != "broken", traced.said()


def test_known_noise_is_no_alarm_for_a_commit_that_always_ran(shop: Shop) -> None:
    shop.change(noisy(1))
    shop.push()
    shop.release()
    shop.change(noisy(2))
    shop.push()
    shop.release()
    traced = shop.trace(shop.first)
    assert traced.verdict != "broken", traced.said()
