"""What is healthy raises no alarm: the ways in which a fix may arrive."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scenarios.shop import DOCKERFILE, JOB, SCHOOL, Shop, bad, good


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


def test_a_rebased_commit_is_asked_about_by_its_old_id(shop: Shop) -> None:
    fix = topic_fix(shop)
    shop.git("rebase", "-q", "main")
    assert shop.git("rev-parse", "HEAD") != fix
    shop.git("switch", "-q", "main")
    shop.git("merge", "-q", "--ff-only", "topic")
    shop.push()
    shop.release()
    shop.trace(fix).proves()


def test_a_cherry_pick_is_asked_about_by_the_original(shop: Shop) -> None:
    fix = topic_fix(shop)
    shop.git("switch", "-q", "main")
    shop.git("cherry-pick", "-x", fix)
    shop.push()
    shop.release()
    shop.trace(fix).proves()


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


def test_a_reverted_revert_is_in_there(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.git("revert", "--no-edit", "HEAD")
    shop.git("revert", "--no-edit", "HEAD")
    shop.push()
    shop.release()
    shop.trace(fix).proves()


def test_a_rebuilt_image_that_is_not_deployed_is_no_break(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    first = shop.release()
    assert shop.build().data["digest"] != first
    shop.trace().proves()


def test_a_rebuilt_image_that_is_deployed(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    assert shop.release() != shop.release()
    shop.trace().proves()


def test_dirt_that_the_build_does_not_read(shop: Shop) -> None:
    shop.write("README.md", "a draft\n")
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert shop.landed("check").code == 0


def test_dirt_beside_an_upload_that_the_build_does_not_read(shop: Shop) -> None:
    shop.write("README.md", "a draft\n")
    shop.roll_out(shop.upload())
    shop.trace().proves()


def test_dirt_after_the_build_is_a_note(shop: Shop) -> None:
    shop.release()
    shop.write("app/job.py", good("work done tomorrow"))
    traced = shop.trace()
    traced.proves()
    assert "app/job.py" in traced.link("committed")["notes"][0]


def test_a_checkout_with_other_line_ends_is_uploaded(shop: Shop) -> None:
    shop.write(".gitattributes", "*.py text\n")
    shop.commit("Text")
    shop.push()
    shop.git("config", "core.autocrlf", "true")
    (shop.work / "app/job.py").unlink()
    shop.git("checkout", "--", "app/job.py")
    assert b"\r\n" in (shop.work / "app/job.py").read_bytes()
    assert shop.landed("check").code == 0
    shop.roll_out(shop.upload())
    shop.trace().proves()


def test_a_job_that_is_deployed_by_tag(shop: Shop) -> None:
    shop.build()
    shop.deploy("worker:latest")
    shop.execute()
    traced = shop.trace()
    traced.proves()
    assert traced.link("deployed")["notes"]


def test_a_job_that_is_deployed_by_digest_while_the_tag_stands_elsewhere(shop: Shop) -> None:
    shop.build()
    shop.fix()
    shop.push()
    built = shop.build(tag="worker:next")
    shop.roll_out(built)
    shop.trace().proves()


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
    # BUG: a commit that changes nothing in the image needs no build; this is a false alarm.
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


@pytest.mark.parametrize(
    "name",
    ["a name.py", "two\nlines.py", "straße ümlaut.py", ":colon.py", "*.py", "-dash.py", "$HOME.py"],
)
def test_file_names_that_need_care(shop: Shop, name: str) -> None:
    shop.write(f"app/{name}", "NAME = 1\n")
    shop.commit("A name")
    shop.push()
    shop.release()
    shop.trace().proves()
    shop.roll_out(shop.upload())
    shop.trace().proves()
    assert shop.landed("check").code == 0


def test_a_file_name_that_is_no_text(shop: Shop) -> None:
    place = os.fsencode(shop.work / "app") + b"/caf\xe9.py"
    with open(place, "wb") as file:  # noqa: PTH123 - no path of pathlib holds it
        file.write(b"NAME = 1\n")
    shop.commit("A name")
    shop.push()
    shop.release()
    shop.trace().proves()
    shop.roll_out(shop.upload())
    shop.trace().proves()


def test_a_link_in_the_repository(shop: Shop) -> None:
    (shop.work / "app/alias.py").symlink_to("job.py")
    shop.commit("An alias")
    shop.push()
    shop.release()
    shop.trace().proves()
    shop.roll_out(shop.upload())
    shop.trace().proves()


def test_a_submodule_that_the_build_does_not_read(shop: Shop) -> None:
    library = shop.remote.as_uri()
    shop.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", library, "library")
    shop.commit("The library")
    shop.change(good("work done with it"))
    shop.push()
    shop.release()
    shop.trace().proves()
    shop.git("submodule", "deinit", "-q", "-f", "library")
    shop.trace().proves()


def test_a_detached_head(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.push()
    shop.git("checkout", "-q", "--detach", fix)
    shop.release()
    shop.trace().proves()


def test_a_sub_folder_as_the_place_where_commands_run(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.release()
    shop.trace(at=shop.work / "app").proves()


def test_a_worktree_as_the_place_where_commands_run(shop: Shop) -> None:
    shop.settings(f'cloud = "{shop.cloud}"\n')
    shop.commit("One cloud for all")
    shop.lose()
    shop.fix()
    shop.push()
    shop.release()
    other = shop.folder / "other"
    shop.git("worktree", "add", "-q", "--detach", str(other))
    shop.trace(at=other).proves()


def test_a_worktree_whose_cloud_is_the_other_one_s_is_not_green(shop: Shop) -> None:
    shop.release()
    other = shop.folder / "other"
    shop.git("worktree", "add", "-q", "--detach", str(other))
    traced = shop.trace(at=other)
    assert (traced.code, traced.verdict) == (3, "unproved"), traced.said()


@pytest.mark.parametrize("depth", ["1", "2", "3"])
def test_a_shallow_clone_as_the_place_where_commands_run(shop: Shop, depth: str) -> None:
    shop.settings(f'cloud = "{shop.cloud}"\n')
    shop.commit("One cloud for all")
    shop.lose()
    shop.fix()
    shop.push()
    shop.release()
    place = shop.clone("shallow", "--depth", depth)
    traced = shop.trace(at=place)
    assert traced.verdict != "broken", traced.said()
    assert traced.answers[0] != "no", traced.said()


def test_a_shallow_clone_proves_no_fix_that_does_not_run(shop: Shop) -> None:
    shop.settings(f'cloud = "{shop.cloud}"\n')
    shop.commit("One cloud for all")
    shop.lose()
    shop.fix()
    shop.push()
    place = shop.clone("shallow", "--depth", "1")
    traced = shop.trace(at=place)
    assert traced.verdict != "proved", traced.said()
    assert traced.answers[0] != "yes", traced.said()


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
    # BUG: no execution counts as one without the change, so all noise is new: a false alarm.
    traced = shop.trace()
    assert traced.verdict != "broken", traced.said()


def test_known_noise_is_no_alarm_for_a_commit_that_always_ran(shop: Shop) -> None:
    shop.change(noisy(1))
    shop.push()
    shop.release()
    shop.change(noisy(2))
    shop.push()
    shop.release()
    # BUG: both executions have the first commit, none is left to compare with: a false alarm.
    traced = shop.trace(shop.first)
    assert traced.verdict != "broken", traced.said()


def test_a_repository_with_sha256(tmp_path: Path) -> None:
    shop = Shop(tmp_path, object_format="sha256")
    shop.lose()
    fix = shop.fix()
    assert len(fix) == 64
    shop.push()
    shop.release()
    shop.trace().proves()
    shop.roll_out(shop.upload())
    shop.trace().proves()


def test_an_upload_of_a_clean_tree_that_is_pushed_later(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.roll_out(shop.upload())
    before = shop.trace()
    before.breaks("pushed", "commit-not-pushed")
    assert before.answers == ("yes", "no", "yes")
    shop.push()
    after = shop.trace()
    after.proves()
    assert after.answers == ("yes", "yes", "yes")


def test_settings_that_are_not_committed(shop: Shop) -> None:
    shop.git("rm", "-q", "--cached", "landed.toml")
    shop.commit("Keep the settings to myself", paths=("app",))
    shop.push()
    shop.release()
    shop.trace().proves()
    shop.roll_out(shop.upload())
    shop.trace().proves()


def test_a_build_that_copies_everything(shop: Shop) -> None:
    shop.write("Dockerfile", DOCKERFILE.replace("COPY app ./app", "COPY . ."))
    shop.commit("Take all")
    shop.push()
    shop.release()
    shop.trace().proves()


def test_an_upload_that_takes_everything(shop: Shop) -> None:
    shop.write("Dockerfile", DOCKERFILE.replace("COPY app ./app", "COPY . ."))
    shop.commit("Take all")
    shop.push()
    shop.roll_out(shop.upload())
    traced = shop.trace()
    # An upload never holds .gitignore, and nobody needs it in an image.
    assert traced.verdict != "broken", traced.said()


def test_an_upload_with_a_local_commit_that_only_changes_documents(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix()
    shop.push()
    shop.write("README.md", "How to\n")
    shop.commit("Say how, not pushed yet")
    shop.roll_out(shop.upload())
    traced = shop.trace(fix)
    # BUG: all that the build read is pushed; only the documents beside it are not.
    assert traced.verdict != "broken", traced.said()


def test_a_fix_on_two_branches(shop: Shop) -> None:
    shop.push("release/1")
    shop.lose()
    shop.fix()
    shop.push()
    shop.push("release/1")
    shop.release()
    shop.trace().proves()


def test_an_annotated_tag_as_the_ref_that_builders_read(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    text = (shop.work / "landed.toml").read_text()
    shop.write("landed.toml", text.replace("refs/heads/main", "refs/tags/v1"))
    shop.commit("Ship tags")
    shop.push()
    shop.git("tag", "-a", "-m", "v1", "v1")
    shop.git("push", "-q", "origin", "v1")
    shop.release("--source", "remote", "--ref", "refs/tags/v1")
    shop.trace().proves()


def test_two_environments_and_one_of_them_behind(shop: Shop) -> None:
    more = '\n[environments.prod]\ncloud = ".landed/prod"\njobs = { worker = "worker" }\n'
    shop.settings(more)
    shop.commit("Two environments")
    shop.push()
    shop.release()
    assert shop.trace("--env", "dev").code == 0
    both = shop.trace()
    assert both.code == 3
    assert [trace["environment"] for trace in both.data["traces"]] == ["prod", "dev"]
    where = shop.landed("where")
    assert [e["in_there"] for e in where.data["environments"]] == ["yes", "no"]


def test_a_deployment_of_the_same_image_again(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    digest = shop.release()
    shop.build(tag="worker:again")
    shop.deploy(f"{JOB}@{digest}")
    shop.execute()
    shop.trace().proves()
