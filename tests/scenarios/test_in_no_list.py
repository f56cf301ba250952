"""Faults that stand in no list: whatever they are called, they must not come out green."""

from __future__ import annotations

import json
import py_compile
import shutil

import pytest

from scenarios.shop import DOCKERFILE, JOB, POINTER, SCHOOL, Shop, bad, good


def logged(entry: dict[str, str], *, then: str = "work done") -> str:
    """A job that swallows its error: it logs this entry, and goes on."""
    line = json.dumps(entry)
    return f"def run():\n    print({line!r}, flush=True)\n    return {then!r}\n"


def printed(text: str, stream: str = "stderr") -> str:
    """A job that prints its error as a plain line."""
    return (
        f"import sys\n\n\ndef run():\n    print({text!r}, file=sys.{stream}, flush=True)\n"
        "    return 'work done'\n"
    )


QUIET_ERRORS = {
    "as a warning": logged({"severity": "WARNING", "message": f"skipped: {SCHOOL}"}),
    "as an info": logged({"severity": "INFO", "message": f"skipped: {SCHOOL}"}),
    "in another key": logged({"severity": "ERROR", "event": "skipped", "error": SCHOOL}),
    "under level": logged({"level": "error", "message": f"skipped: {SCHOOL}"}),
    "as a plain line": printed(f"LookupError: {SCHOOL}"),
    "as a plain line of stdout": printed(f"error: {SCHOOL}", "stdout"),
}


@pytest.mark.parametrize("how", QUIET_ERRORS)
def test_the_named_error_is_found_however_it_is_logged(shop: Shop, how: str) -> None:
    shop.change(QUIET_ERRORS[how])
    shop.push()
    shop.release()
    shop.fix("# no fix at all\n" + QUIET_ERRORS[how])
    shop.push()
    shop.release()
    traced = shop.trace()
    # BUG: only entries of high severity or with a traceback are searched for the named error.
    assert traced.verdict == "broken", traced.said()
    assert traced.answers[2] == "no"


def test_an_error_that_was_only_muted_has_not_been_mended(shop: Shop) -> None:
    shop.lose()
    shop.fix(logged({"severity": "WARNING", "message": f"LookupError: {SCHOOL}"}))
    shop.push()
    shop.release()
    # BUG: the fix turned the error's severity down; the error is in the entries, word for word.
    traced = shop.trace()
    assert traced.answers[2] != "yes", traced.said()


def test_the_expected_work_has_to_be_more_than_a_word_in_a_failure(shop: Shop) -> None:
    shop.lose()
    shop.fix(logged({"severity": "WARNING", "message": "no work done"}, then="idle"))
    shop.push()
    shop.release()
    # The words are the user's own pattern, so this is what they asked for.
    assert shop.trace().verdict in ("proved", "unproved")


def test_two_executions_of_which_the_first_still_failed(shop: Shop) -> None:
    once = (
        "import os, pathlib\n\n\ndef run():\n"
        "    mark = pathlib.Path(os.environ['DATA_DIR'], 'mark')\n"
        "    if not mark.exists():\n"
        "        mark.touch()\n"
        f"        raise LookupError({SCHOOL!r})\n"
        "    return 'work done'\n"
    )
    shop.lose()
    shop.fix(once)
    shop.push()
    shop.release()
    assert shop.trace().diagnosis("healed") == "fix-ineffective"
    shop.execute()
    traced = shop.trace()
    # BUG: the error was seen with the fix in; the execution after it proves no "gone".
    assert traced.answers[2] != "yes", traced.said()


def test_another_dockerfile_was_built_than_the_settings_name(shop: Shop) -> None:
    shop.write("legacy/job.py", "def run():\n    return 'work done by the old one'\n")
    shop.write("Dockerfile.old", DOCKERFILE + "COPY legacy/job.py ./app/job.py\n")
    shop.commit("The old one")
    shop.change(good("work done by the new one"))
    shop.push()
    shop.release("--dockerfile", "Dockerfile.old")
    traced = shop.trace()
    # BUG: the settings' Dockerfile decides what should be where, the build used another.
    assert traced.verdict != "proved", traced.said()
    assert traced.answers[0] != "yes", traced.said()


def test_another_dockerfile_that_starts_another_program(shop: Shop) -> None:
    shop.write("app/old.py", 'print("work done by the old one")\n')
    shop.write("Dockerfile.old", DOCKERFILE.replace('"app"]', '"app.old"]'))
    shop.commit("The old one")
    shop.change(good("work done by the new one"))
    shop.push()
    shop.release("--dockerfile", "Dockerfile.old")
    traced = shop.trace()
    # BUG: the image was made by a Dockerfile that the settings do not name, and nothing says so.
    assert traced.verdict != "proved", traced.said()


def test_a_build_argument_that_copies_another_folder(shop: Shop) -> None:
    shop.write("legacy/__init__.py", "")
    shop.write("legacy/__main__.py", (shop.work / "app/__main__.py").read_text())
    shop.write("legacy/job.py", good("work done by the old one"))
    shop.write(
        "Dockerfile",
        DOCKERFILE.replace("COPY app ./app", "ARG FROM_FOLDER=app\nCOPY $FROM_FOLDER ./app"),
    )
    shop.change(good("work done by the new one"))
    shop.push()
    shop.release("--build-arg", "FROM_FOLDER=legacy")
    traced = shop.trace()
    assert traced.verdict != "proved", traced.said()
    assert traced.answers[0] != "yes", traced.said()


def test_old_byte_code_that_python_prefers_to_the_source(shop: Shop) -> None:
    shop.write(".gitignore", ".landed/\n")
    shop.commit("Ignore less")
    shop.lose()
    source = shop.work / "app/job.py"
    py_compile.compile(
        str(source), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    shop.fix()
    shop.push()
    shop.git("rm", "-q", "-r", "--cached", "--ignore-unmatch", "app/__pycache__")
    shop.git("commit", "-q", "--amend", "--no-edit")
    shop.push_forced()
    shop.roll_out(shop.upload())
    traced = shop.trace()
    # BUG: byte code that no commit has was swept in and runs; the fix gets the blame.
    assert traced.data["first_break"] == "sourced", traced.said()


def test_a_base_image_that_brings_an_older_copy_of_the_code(shop: Shop) -> None:
    shop.write("base/Dockerfile", "FROM scratch\nCOPY old /app/app/job\n")
    shop.write("base/old/__init__.py", good("work done by the old one"))
    shop.write("Dockerfile", DOCKERFILE.replace("python:3.11-slim", "base:latest"))
    shop.change(good("work done by the new one"))
    shop.push()
    shop.build("--context", "base", tag="base:latest")
    shop.release()
    traced = shop.trace()
    logs = shop.landed("cloud", "logs", JOB).data["entries"]
    assert "the old one" in str(logs)
    # BUG: a package below the COPY's target shadows the module, and no commit put it there.
    assert traced.verdict != "proved", traced.said()


def test_a_base_image_with_files_of_its_own_beside_the_code_is_healthy(shop: Shop) -> None:
    shop.write("base/Dockerfile", "FROM scratch\nCOPY tool /usr/local/bin/tool\n")
    shop.write("base/tool", "the base's own\n")
    text = DOCKERFILE.replace("python:3.11-slim", "base:latest")
    shop.write("Dockerfile", text + "COPY entry.sh /usr/local/bin/entry.sh\n")
    shop.write("entry.sh", "true\n")
    shop.commit("An entry point")
    shop.push()
    shop.build("--context", "base", tag="base:latest")
    shop.release()
    # BUG: a file of the base image in the same folder counts as swept in: a false alarm.
    shop.trace().proves()


def test_a_volume_that_hides_the_code(shop: Shop) -> None:
    shop.write("Dockerfile", DOCKERFILE.replace("/app", "/data"))
    shop.change(good("work done by the new one"))
    shop.push()
    volume = shop.cloud / "jobs" / JOB / "data" / "app"
    shutil.copytree(shop.work / "app", volume)
    (volume / "job.py").write_text(good("work done by the old one"))
    shop.release()
    logs = shop.landed("cloud", "logs", JOB).data["entries"]
    assert "the old one" in str(logs)
    traced = shop.trace()
    # BUG: mount-hides-code: the volume's files run under the paths of the image's.
    assert traced.verdict != "proved", traced.said()


def test_a_hot_patch_of_the_files_that_run(shop: Shop) -> None:
    shop.change(good("work done by the new one"))
    shop.push()
    shop.release()
    for place in (shop.cloud / "rootfs").glob("*/app/app/job.py"):
        place.chmod(0o644)
        place.write_text(good("work done by a patch"))
    shop.execute()
    logs = shop.landed("cloud", "logs", JOB).data["entries"]
    assert "by a patch" in str(logs)
    traced = shop.trace()
    # BUG: the laid-out files are trusted, not compared with the digest that is said to run.
    assert traced.verdict != "proved", traced.said()


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
    # BUG: no build has this HEAD, so "HEAD was built" is not true.
    assert "was built" not in traced.link("committed")["because"], traced.said()


def test_a_job_whose_environment_leads_to_other_code(shop: Shop) -> None:
    shop.write("app/__main__.py", "import sys\n\nsys.path[:0] = []\nimport job_of_all\n")
    shop.write("lib/job_of_all.py", 'print("work done by the new one")\n')
    shop.write("Dockerfile", DOCKERFILE + "COPY lib ./lib\nENV PYTHONPATH=/app/lib\n")
    shop.commit("A library")
    shop.push()
    built = shop.build()
    volume = shop.cloud / "jobs" / JOB / "data"
    volume.mkdir(parents=True)
    (volume / "job_of_all.py").write_text('print("work done by the old one")\n')
    image = f"{JOB}@{built.data['digest']}"
    shop.landed("cloud", "deploy", JOB, "--image", image, "--env", "PYTHONPATH=/data")
    shop.execute()
    traced = shop.trace()
    assert traced.data["first_break"] == "ran", traced.said()


def test_an_execution_before_the_last_deployment_of_the_same_digest(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    digest = shop.release()
    image = f"{JOB}@{digest}"
    shop.landed("cloud", "deploy", JOB, "--image", image, "--env", "MODE=off")
    traced = shop.trace()
    # With other settings it has not run yet.
    traced.cannot_tell("ran")


def test_a_file_that_two_copies_bring_and_the_second_is_old(shop: Shop) -> None:
    shop.write("legacy/job.py", good("work done by the old one"))
    shop.write("Dockerfile", DOCKERFILE + "COPY legacy ./app\n")
    shop.commit("Keep the old one")
    shop.change(good("work done by the new one"))
    shop.push()
    shop.release()
    traced = shop.trace()
    # The change's file never reaches the image: it has no effect there.
    assert traced.verdict != "proved" or traced.data["effect"] == "none", traced.said()


def test_a_change_of_which_one_file_is_kept_out(shop: Shop) -> None:
    shop.write(".dockerignore", "app/schools.py\n")
    shop.commit("Smaller images")
    shop.write("app/schools.py", "SCHOOLS = 1\n")
    shop.fix(good("work done with schools"))
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("packed", "ignored-by-dockerignore")
    assert traced.answers[0] == "no"


def test_a_wildcard_copy_that_misses_the_new_file(shop: Shop) -> None:
    text = DOCKERFILE.replace("COPY app ./app", "COPY app/__*.py app/job.py ./app/")
    shop.write("Dockerfile", text)
    shop.commit("Copy one by one")
    shop.write("app/school.py", "SCHOOL = 1\n")
    shop.commit("The school", fixes=SCHOOL)
    shop.push()
    shop.release()
    traced = shop.trace()
    # BUG? the new module is in no COPY: it is said to have no effect, and all is green.
    assert traced.data["effect"] == "none"
    assert traced.answers[2] != "yes"


def test_a_hand_made_tag_that_points_to_another_image(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.push()
    shop.build()
    shop.deploy("worker:latest")
    shop.execute()
    index = shop.cloud / "images" / JOB / "index.json"
    before = index.read_text()
    shop.fix()
    shop.push()
    shop.build()
    shop.execute()
    shop.trace().proves()
    index.write_text(before)
    shop.execute()
    traced = shop.trace()
    assert traced.verdict == "broken", traced.said()
    assert traced.answers[0] == "no"


def test_an_uncommitted_rewrite_of_the_fix_is_not_the_fix(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.write("app/job.py", "def run():\n    words = 'work' + ' done'\n    return words\n")
    shop.roll_out(shop.upload())
    traced = shop.trace()
    assert traced.verdict == "broken", traced.said()
    # BUG: no later commit rewrote it; what is in no commit cannot supersede a change.
    assert traced.answers[0] != "yes", traced.said()


def test_an_lfs_pointer_that_a_clone_shipped_instead_of_the_file(shop: Shop) -> None:
    shop.write(".gitattributes", "*.bin filter=lfs\n")
    shop.write("app/model.bin", POINTER)
    shop.commit("A model")
    shop.push()
    shop.release()
    traced = shop.trace()
    # BUG: the image holds the pointer, and a pointer equals the pointer that git has.
    assert traced.verdict != "proved", traced.said()


def test_a_submodule_that_a_clone_left_behind(shop: Shop) -> None:
    url = shop.remote.as_uri()
    shop.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "app/library")
    shop.commit("The library")
    shop.push()
    shop.release()
    traced = shop.trace()
    # BUG: the image lacks all of app/library, and links to submodules are not compared.
    assert traced.verdict != "proved", traced.said()


def test_a_fix_without_effect_did_not_help(shop: Shop) -> None:
    shop.lose()
    shop.change(good())
    shop.write("README.md", "How to\n")
    shop.commit("Say how", fixes=SCHOOL)
    shop.push()
    shop.release()
    traced = shop.trace()
    assert traced.data["effect"] == "none"
    # BUG: what changes nothing in the image cannot have stopped an error there.
    assert traced.answers[2] != "yes", traced.said()


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
    # BUG: the upload that runs is the break; the tag did move, to it.
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
    traced.breaks("sourced", "earlier-build", beside=("healed",))


def test_a_job_that_was_deployed_with_the_image_of_a_sibling(shop: Shop) -> None:
    shop.write("app/other.py", 'print("work done by a sibling")\n')
    shop.write("Dockerfile.sibling", DOCKERFILE.replace('"app"]', '"app.other"]'))
    shop.change(good("work done by the worker"))
    shop.push()
    shop.build()
    sibling = shop.build("--dockerfile", "Dockerfile.sibling", tag="sibling:latest")
    shop.deploy(f"sibling@{sibling.data['digest']}")
    shop.execute()
    traced = shop.trace()
    # BUG: without `image` in the settings the job's own spec decides whose builds count.
    assert traced.verdict != "proved", traced.said()


def test_the_image_in_the_settings_tells_a_sibling_apart(shop: Shop) -> None:
    text = (shop.work / "landed.toml").read_text()
    shop.write("landed.toml", text.replace("expect =", 'image = "worker"\nexpect ='))
    shop.write("app/other.py", 'print("work done by a sibling")\n')
    shop.write("Dockerfile.sibling", DOCKERFILE.replace('"app"]', '"app.other"]'))
    shop.change(good("work done by the worker"))
    shop.push()
    shop.build()
    sibling = shop.build("--dockerfile", "Dockerfile.sibling", tag="sibling:latest")
    shop.deploy(f"sibling@{sibling.data['digest']}")
    shop.execute()
    traced = shop.trace()
    assert traced.data["first_break"] == "deployed", traced.said()


def test_a_log_of_which_the_end_was_cut_off(shop: Shop) -> None:
    error = json.dumps({"severity": "ERROR", "message": "the bank is closed"})
    shop.change(f"def run():\n    print('work done')\n    print({error!r})\n    return 'over'\n")
    shop.push()
    shop.release()
    assert shop.trace().verdict == "broken"
    log = next((shop.cloud / "logs" / JOB).iterdir())
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[: next(n for n, x in enumerate(lines) if b"the bank" in x)]))
    traced = shop.trace()
    # BUG: an execution's record does not say how many entries it wrote.
    assert traced.verdict != "proved", traced.said()


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
