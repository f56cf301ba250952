"""Fixes that are in an image, and get lost on the way to what runs: links 6 to 8."""

from __future__ import annotations

from scenarios.shop import JOB, ON_BOTH, SCHOOL, Shop, bad, good


def test_the_tag_that_the_job_names_did_not_move(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.push()
    shop.build(tag="worker:stable")
    shop.deploy("worker:stable")
    shop.execute()
    shop.fix()
    shop.push()
    built = shop.build()
    shop.execute()
    traced = shop.trace()
    traced.breaks("published", "tag-not-moved", beside=("healed",))
    assert traced.diagnosis("healed") == "change-not-running"
    assert traced.answers == ("no", "yes", "no")
    finding = traced.link("published")
    assert "went to worker:stable" not in finding["because"]
    assert finding["remedy"] == [f"landed cloud deploy {JOB} --image {JOB}@{built.data['digest']}"]


def test_the_job_still_names_the_old_digest(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    built = shop.build()
    shop.execute()
    traced = shop.trace()
    traced.breaks("deployed", "spec-not-updated", beside=("healed",))
    assert traced.link("deployed")["also"] == ["old-entries"]
    remedy = f"landed cloud deploy worker --image {JOB}@{built.data['digest']}"
    assert traced.link("deployed")["remedy"] == [remedy]
    assert traced.link("deployed")["subject"]["built"] == built.data["digest"]


@ON_BOTH
def test_a_rollback_takes_the_fix_out_again(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.push()
    old = shop.release()
    shop.fix()
    shop.push()
    shop.release()
    shop.trace().proves()
    shop.deploy(f"{JOB}@{old}")
    shop.execute()
    traced = shop.trace()
    traced.breaks("deployed", "spec-not-updated", beside=("healed",))
    assert traced.answers[0] == "no"


@ON_BOTH
def test_a_rollback_that_has_not_run_yet_breaks_the_deployment(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.push()
    old = shop.release()
    shop.fix()
    shop.push()
    shop.release()
    shop.deploy(f"{JOB}@{old}")
    traced = shop.trace()
    traced.breaks("deployed", "spec-not-updated")


def test_another_build_of_an_old_commit_moved_the_tag_back(shop: Shop) -> None:
    lost = shop.change(bad(SCHOOL))
    shop.push()
    shop.build()
    shop.deploy("worker:latest")
    shop.execute()
    shop.fix()
    shop.push()
    shop.build()
    shop.execute()
    shop.trace().proves()
    shop.build("--commit", lost)
    shop.execute()
    traced = shop.trace()
    assert traced.verdict == "broken", traced.said()
    assert traced.answers[0] == "no"
    assert traced.data["first_break"] == "published", traced.said()


@ON_BOTH
def test_nothing_is_deployed_yet(shop: Shop) -> None:
    shop.build()
    traced = shop.trace()
    traced.cannot_tell("deployed")
    assert traced.statuses()["deployed"] == "pending"
    assert traced.answers == ("no", "unknown", "unknown")


@ON_BOTH
def test_nothing_has_run_yet(shop: Shop) -> None:
    shop.build()
    shop.deploy("worker:latest")
    traced = shop.trace()
    traced.cannot_tell("ran")
    assert traced.answers[0] == "no"


def test_an_execution_that_failed_breaks_the_run(shop: Shop) -> None:
    shop.change(good() + "\n\nEXIT = 1\n")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("ran", "execution-failed")
    assert "exit code 1" in traced.link("ran")["because"]


@ON_BOTH
def test_an_execution_that_nobody_awaited_is_found_to_have_failed(shop: Shop) -> None:
    shop.change(good() + "\n\nEXIT = 3\n")
    shop.push()
    built = shop.build()
    shop.deploy(f"{JOB}@{built.data['digest']}")
    assert shop.landed("cloud", "execute", JOB).code == 0
    traced = shop.trace("--wait", "--timeout", "30")
    traced.breaks("ran", "execution-failed")


def test_a_job_that_was_deployed_with_another_image_altogether(shop: Shop) -> None:
    shop.write("other/Dockerfile", (shop.work / "Dockerfile").read_text())
    shop.write("other/app/__init__.py", "# other\n")
    shop.write("other/app/__main__.py", 'print("work done by another")\n')
    shop.commit("Another program")
    shop.push()
    shop.build()
    other = shop.build("--context", "other", tag="other:latest")
    shop.deploy(f"other@{other.data['digest']}")
    shop.execute()
    traced = shop.trace()
    assert traced.verdict == "broken", traced.said()


@ON_BOTH
def test_old_entries_are_not_taken_for_new_ones(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    built = shop.build()
    shop.deploy(f"{JOB}@{built.data['digest']}")
    traced = shop.trace()
    traced.cannot_tell("ran")
    assert traced.statuses()["healed"] == "pending"
    assert traced.diagnosis("healed") == "old-entries"
    assert traced.answers[2] == "unknown"
