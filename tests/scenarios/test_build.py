"""Fixes that get lost on the way into an image: links 3 to 5."""

from __future__ import annotations

import json

from scenarios.shop import DOCKERFILE, ON_BOTH, Shop, good


@ON_BOTH
def test_an_uncommitted_change_that_was_uploaded_breaks_the_source(shop: Shop) -> None:
    shop.lose()
    shop.write("app/job.py", good())
    shop.roll_out(shop.upload())
    traced = shop.trace()
    traced.breaks("sourced", "uncommitted-change", beside=())
    assert "upload-not-clone" in traced.link("sourced")["also"]
    assert "untracked-file" in traced.ruled_out("sourced")
    assert traced.answers[1] == "no"


@ON_BOTH
def test_an_uncommitted_change_that_git_hides_breaks_the_source_as_well(shop: Shop) -> None:
    shop.git("update-index", "--assume-unchanged", "app/job.py")
    shop.write("app/job.py", good("work done twice"))
    shop.roll_out(shop.upload())
    shop.trace().breaks("sourced", "uncommitted-change")


@ON_BOTH
def test_an_untracked_file_that_was_uploaded_breaks_the_source(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix("from app import school\n\n\n" + good())
    shop.push()
    shop.write("app/school.py", "SCHOOL = 1\n")
    shop.roll_out(shop.upload())
    traced = shop.trace()
    traced.breaks("sourced", "untracked-file")
    assert traced.answers == ("yes", "no", "yes")
    assert traced.data["change"]["commit"] == fix
    assert "app/school.py" in traced.link("sourced")["because"]


@ON_BOTH
def test_an_untracked_file_hidden_by_the_exclude_file_breaks_the_source(shop: Shop) -> None:
    with (shop.work / ".git/info/exclude").open("a") as file:
        file.write("school.py\n")
    shop.write("app/school.py", "SCHOOL = 1\n")
    shop.roll_out(shop.upload())
    shop.trace().breaks("sourced", "untracked-file")


@ON_BOTH
def test_a_file_from_another_branch_in_the_upload_names_that_branch_s_commit(shop: Shop) -> None:
    shop.git("switch", "-q", "-c", "topic")
    topic = shop.change(good("work done on the topic"))
    shop.git("switch", "-q", "main")
    shop.git("checkout", "topic", "--", "app/job.py")
    shop.write("app/__init__.py", "# main\n")
    shop.commit("Another", paths=("app/__init__.py",))
    shop.git("reset", "-q", "--soft", "HEAD~1")
    shop.roll_out(shop.upload())
    traced = shop.trace()
    assert traced.data["first_break"] == "sourced", traced.said()
    assert topic[:10] in traced.link("sourced")["because"]


@ON_BOTH
def test_a_committed_file_that_the_upload_left_behind_breaks_the_source(shop: Shop) -> None:
    shop.write(".gitignore", ".landed/\n__pycache__/\n*.dat\n")
    shop.write("app/schools.dat", "one\n")
    shop.git("add", "-f", "app/schools.dat")
    shop.commit("The schools")
    shop.push()
    shop.roll_out(shop.upload())
    traced = shop.trace()
    traced.breaks("sourced", "ignored-by-upload")
    assert traced.answers[0] == "no", traced.said()
    assert {"untracked-file", "uncommitted-change"} <= traced.ruled_out("sourced")


@ON_BOTH
def test_dockerignore_keeps_a_file_of_the_change_out_of_the_image(shop: Shop) -> None:
    shop.write(".dockerignore", "**/*.dat\n")
    shop.commit("Smaller images")
    shop.write("app/schools.dat", "one\n")
    shop.commit("The schools")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("packed", "ignored-by-dockerignore")
    assert traced.answers[0] == "no"
    assert ".dockerignore:1" in traced.link("packed")["because"]
    assert {"claimed-commit", "wrong-context"} <= traced.ruled_out("packed")


@ON_BOTH
def test_an_older_commit_was_built_on_request(shop: Shop) -> None:
    shop.lose()
    lost = shop.git("rev-parse", "HEAD")
    shop.fix()
    shop.push()
    shop.release("--commit", lost)
    traced = shop.trace()
    assert traced.data["first_break"] == "sourced"
    assert traced.diagnosis("sourced") == "other-commit-built", traced.said()
    assert traced.broken() == {"sourced", "healed"}
    assert traced.answers == ("no", "yes", "no")


@ON_BOTH
def test_another_branch_was_built(shop: Shop) -> None:
    shop.lose()
    shop.push("old")
    shop.fix()
    shop.push()
    shop.release("--source", "remote", "--ref", "old")
    traced = shop.trace()
    traced.breaks("sourced", "other-commit-built", beside=("healed",))
    assert "old" in traced.link("sourced")["because"]
    assert traced.diagnosis("healed") == "change-not-running"


@ON_BOTH
def test_an_upload_of_an_older_checkout_is_no_clone_of_the_remote(shop: Shop) -> None:
    shop.lose()
    lost = shop.git("rev-parse", "HEAD")
    fix = shop.fix()
    shop.push()
    shop.git("checkout", "-q", "--detach", lost)
    shop.roll_out(shop.upload())
    traced = shop.trace(fix)
    traced.breaks("sourced", "upload-not-clone", beside=("healed",))
    assert traced.answers[0] == "no"


@ON_BOTH
def test_an_upload_before_the_commit_was_made_is_an_earlier_build(shop: Shop) -> None:
    shop.lose()
    shop.roll_out(shop.upload())
    fix = shop.fix()
    shop.git("commit", "-q", "--amend", "--no-edit", "--date=2099-01-01T00:00:00Z")
    shop.push()
    traced = shop.trace()
    assert traced.data["first_break"] == "sourced", traced.said()
    assert fix


def test_a_build_from_before_the_push_is_an_earlier_build(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.release()
    shop.push()
    traced = shop.trace()
    traced.breaks("sourced", "earlier-build", beside=("healed",))
    assert "upload-not-clone" in traced.ruled_out("sourced")


@ON_BOTH
def test_a_build_from_before_the_commit_is_an_earlier_build(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    traced = shop.trace()
    traced.breaks("sourced", "earlier-build", beside=("healed",))
    assert traced.diagnosis("healed") == "change-not-running"


@ON_BOTH
def test_a_label_that_names_another_commit_is_only_a_claim(shop: Shop) -> None:
    label = f"LABEL org.opencontainers.image.revision={shop.first}\n"
    shop.write("Dockerfile", DOCKERFILE + label)
    shop.change(good("work done twice"))
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("packed", "claimed-commit")
    assert traced.answers[0] == "yes"


@ON_BOTH
def test_a_substitution_that_names_another_commit_is_only_a_claim(shop: Shop) -> None:
    argument = "ARG COMMIT_SHA\nLABEL revision=$COMMIT_SHA\n"
    shop.write("Dockerfile", DOCKERFILE + argument)
    shop.change(good("work done twice"))
    shop.push()
    shop.release("--substitutions", f"COMMIT_SHA={shop.first}")
    shop.trace().breaks("packed", "claimed-commit")


@ON_BOTH
def test_a_claim_that_is_true_is_no_alarm(shop: Shop) -> None:
    shop.write("Dockerfile", DOCKERFILE + "ARG COMMIT_SHA\nLABEL revision=$COMMIT_SHA\n")
    commit = shop.change(good("work done twice"))
    shop.push()
    shop.release("--substitutions", f"COMMIT_SHA={commit}")
    shop.trace().proves()


@ON_BOTH
def test_a_claim_that_names_an_unknown_commit_is_a_note(shop: Shop) -> None:
    label = f"LABEL org.opencontainers.image.revision={'ab' * 20}\n"
    shop.write("Dockerfile", DOCKERFILE + label)
    shop.commit("A label")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.link("packed")["notes"]


def _two_folders(shop: Shop) -> None:
    for folder, words in (("one", "work done"), ("two", "other work done")):
        shop.write(f"{folder}/Dockerfile", DOCKERFILE)
        shop.write(f"{folder}/app/__init__.py", f"# {folder}\n")
        text = (shop.work / "app/__main__.py").read_text()
        shop.write(f"{folder}/app/__main__.py", text)
        shop.write(f"{folder}/app/job.py", good(words))
    settings = (shop.work / "landed.toml").read_text()
    shop.write("landed.toml", settings.replace("expect =", 'folder = "one"\nexpect ='))
    shop.commit("Two workers")
    shop.push()


@ON_BOTH
def test_an_upload_of_the_wrong_folder_breaks_the_image(shop: Shop) -> None:
    _two_folders(shop)
    shop.write("one/app/job.py", good("work done better"))
    shop.commit("Better")
    shop.push()
    shop.roll_out(shop.build("--source", "upload", "two"))
    traced = shop.trace()
    traced.breaks("packed", "wrong-context")
    assert traced.answers[0] != "yes"


@ON_BOTH
def test_a_clone_of_the_wrong_folder_breaks_the_image(shop: Shop) -> None:
    _two_folders(shop)
    shop.release("--context", "two")
    traced = shop.trace()
    traced.breaks("packed", "wrong-context")
    assert {"claimed-commit", "ignored-by-dockerignore"} <= traced.ruled_out("packed")


def test_the_right_one_of_two_folders_is_proved(shop: Shop) -> None:
    _two_folders(shop)
    shop.release()
    shop.trace().proves()


@ON_BOTH
def test_a_build_that_named_no_image_pushed_nothing(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    assert shop.build(tag=None).code == 0
    traced = shop.trace()
    traced.breaks("built", "nothing-pushed", beside=("healed",))
    assert "build-failed" in traced.ruled_out("built")
    statuses = traced.statuses()
    assert (statuses["packed"], statuses["published"]) == ("skipped", "skipped")


@ON_BOTH
def test_a_build_that_failed_breaks_only_the_build(shop: Shop) -> None:
    shop.write("Dockerfile", DOCKERFILE + "COPY nowhere ./nowhere\n")
    shop.commit("More to copy")
    shop.push()
    assert shop.build().code == 1
    traced = shop.trace()
    traced.breaks("built", "build-failed")
    assert "nowhere" in traced.link("built")["because"]
    assert "nothing-pushed" not in traced.link("built")["also"]


@ON_BOTH
def test_a_fix_that_was_reverted_before_the_build_is_named_so(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.git("revert", "--no-edit", "HEAD")
    shop.push()
    shop.release()
    traced = shop.trace(fix)
    traced.breaks("pushed", "reverted", beside=("healed",))
    assert traced.answers[0] == "no"


@ON_BOTH
def test_a_build_of_a_commit_in_which_the_fix_was_reverted(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.git("revert", "--no-edit", "HEAD")
    undone = shop.git("rev-parse", "HEAD")
    shop.git("revert", "--no-edit", "HEAD")
    shop.push()
    shop.release("--commit", undone)
    traced = shop.trace(fix)
    assert traced.data["first_break"] == "sourced", traced.said()
    found = traced.link("sourced")
    assert "reverted" in (found["diagnosis"], *found["also"])


def test_a_stale_clone_in_the_builder_is_named_from_its_record(shop: Shop) -> None:
    shop.lose()
    lost = shop.git("rev-parse", "HEAD")
    fix = shop.fix()
    shop.push()
    shop.release("--commit", lost)
    record = max((shop.cloud / "builds").glob("*/build.json"))
    facts = json.loads(record.read_text())
    facts["source"]["requested_commit"] = None
    facts["source"]["tip_then"] = fix
    record.write_text(json.dumps(facts))
    shop.trace().breaks("sourced", "stale-clone", beside=("healed",))
