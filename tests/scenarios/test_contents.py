"""Contents that git or a build changed on the way; changes that later commits moved or undid."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from scenarios.shop import DOCKERFILE, JOB, SCHOOL, Answer, Shop, bad, good

LONG = "".join(f"LINE_{number} = {number}\n" for number in range(40))


def rename(shop: Shop, job: str | None = None) -> None:
    """Moves the worker's file elsewhere, perhaps with another content, and releases that."""
    shop.git("mv", "app/job.py", "app/work.py")
    text = (shop.work / "app/__main__.py").read_text()
    shop.write("app/__main__.py", text.replace("import job", "import work as job"))
    if job is not None:
        shop.write("app/work.py", job)
    shop.commit("Rename")
    shop.push()
    shop.release()


def running(traced: Answer) -> str:
    return str(traced.data["answers_because"]["in_there"])


def test_a_later_commit_on_top_has_the_change_and_a_revert_of_it_has_not(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix(good() + LONG)
    shop.change(good() + LONG + "MORE = 1\n")
    shop.push()
    shop.release()
    traced = shop.trace(fix)
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")
    shop.git("revert", "--no-edit", "HEAD", fix)
    shop.push()
    shop.release()
    traced = shop.trace(fix)
    assert traced.answers[0] == "no", traced.said()
    assert traced.diagnosis("pushed") == "reverted"


def test_a_renamed_file_still_has_the_change(shop: Shop) -> None:
    shop.lose()
    fix = shop.fix(good() + LONG)
    rename(shop, "# moved\n" + good() + LONG)
    traced = shop.trace(fix)
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")


def test_a_change_that_was_undone_in_the_renamed_file_is_not_in_there(shop: Shop) -> None:
    shop.change(bad(SCHOOL) + LONG)
    shop.push()
    shop.release()
    fix = shop.fix(good() + LONG)
    rename(shop, bad(SCHOOL) + LONG)
    traced = shop.trace(fix)
    assert traced.verdict == "broken", traced.said()
    assert traced.answers[0] == "no", traced.said()
    assert traced.data["first_break"] == "pushed", traced.said()


def test_a_new_file_that_was_renamed_later_is_no_revert(shop: Shop) -> None:
    shop.lose()
    shop.write("app/school.py", LONG)
    fix = shop.fix("import app.school\n" + good())
    shop.git("mv", "app/school.py", "app/college.py")
    shop.write("app/job.py", "import app.college\n" + good())
    shop.commit("Rename the new file")
    shop.push()
    shop.release()
    traced = shop.trace(fix)
    assert traced.verdict == "proved", traced.said()
    assert traced.answers[0] == "yes", traced.said()


def test_a_file_of_another_commit_in_the_image_names_that_commit(shop: Shop) -> None:
    shop.lose()
    old = shop.git("rev-parse", "HEAD")
    before = shop.build()
    fix = shop.fix()
    shop.push()
    built = shop.build()
    # The builder says that it made the image of the fix, and pushed the one before it.
    record = shop.cloud / "builds" / str(built.data["id"]) / "build.json"
    text = record.read_text().replace(built.data["digest"], before.data["digest"])
    record.write_text(text)
    for place in (shop.cloud / "builds").glob("*/build.json"):
        if place != record and before.data["digest"] in place.read_text():
            place.unlink()
    shop.deploy(f"{JOB}@{before.data['digest']}")
    shop.execute()
    traced = shop.trace(fix)
    assert traced.data["first_break"] == "packed", traced.said()
    packed = traced.link("packed")
    assert f"those of {old[:10]}" in packed["because"]
    facts = next(e["facts"] for e in packed["evidence"] if "held_by" in e["facts"])
    assert facts["held_by"] == {"app/app/job.py": old}
    assert traced.answers[0] == "no"


def test_line_ends_that_the_attributes_forbid_are_a_change(shop: Shop) -> None:
    shop.write(".gitattributes", "*.py -text\n")
    shop.change(good("work done in lines\n".strip()))
    shop.push()
    text = (shop.work / "app/job.py").read_bytes()
    (shop.work / "app/job.py").write_bytes(text.replace(b"\n", b"\r\n"))
    shop.roll_out(shop.upload())
    traced = shop.trace()
    assert traced.data["first_break"] == "sourced", traced.said()
    assert traced.diagnosis("sourced") == "uncommitted-change"


def test_ident_and_encodings_of_a_checkout_are_no_difference(shop: Shop) -> None:
    shop.lose()
    shop.write(
        ".gitattributes", "*.txt text working-tree-encoding=UTF-16\napp/job.py ident eol=crlf\n"
    )
    (shop.work / "app/names.txt").write_bytes("names é\n".encode("utf-16"))
    fix = shop.fix("# $Id$\n" + good())
    shop.push()
    for name in ("app/names.txt", "app/job.py"):
        (shop.work / name).unlink()
    shop.git("checkout", "--", "app")
    assert b"$Id: " in (shop.work / "app/job.py").read_bytes()
    assert b"\0" in (shop.work / "app/names.txt").read_bytes()
    shop.roll_out(shop.upload())
    traced = shop.trace(fix)
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes"), traced.said()
    # Another file in another encoding, though, is another file.
    (shop.work / "app/names.txt").write_bytes("names è\n".encode("utf-16"))
    shop.roll_out(shop.upload())
    assert shop.trace(fix).data["first_break"] == "sourced"


def test_an_encoded_file_that_was_taken_back_is_not_in_there(shop: Shop) -> None:
    shop.write(".gitattributes", "*.txt text working-tree-encoding=UTF-16\n")
    names = shop.work / "app/names.txt"
    names.write_bytes("one\n".encode("utf-16"))
    shop.commit("Names")
    names.write_bytes("two\n".encode("utf-16"))
    fix = shop.commit("Mend the names")
    shop.git("revert", "--no-edit", "HEAD")
    shop.push()
    assert b"\0" in names.read_bytes()
    shop.roll_out(shop.upload())
    traced = shop.trace(fix)
    assert traced.diagnosis("pushed") == "reverted", traced.said()
    assert traced.answers[0] == "no", traced.said()


def test_without_the_contents_a_renamed_file_is_not_called_removed(shop: Shop) -> None:
    shop.git("config", "uploadpack.allowFilter", "true", at=shop.remote)
    shop.change(bad(SCHOOL) + LONG)
    fix = shop.fix(good() + LONG)
    rename(shop, bad(SCHOOL) + LONG)
    place = shop.clone("partial", "--filter=blob:none")
    traced = shop.trace(fix, *shop.same_settings, at=place)
    assert traced.answers[0] != "yes", traced.said()


def with_submodule(shop: Shop) -> Path:
    """A submodule in `app/lib`, whose remote is a folder beside the shop."""
    lib = shop.folder / "lib"
    lib.mkdir()
    shop.git("init", "-q", "--initial-branch=main", ".", at=lib)
    (lib / "__init__.py").write_text("LIB = 1\n")
    shop.git("add", "-A", at=lib)
    shop.git("commit", "-q", "-m", "A library", at=lib)
    allow = ("-c", "protocol.file.allow=always")
    shop.git(*allow, "submodule", "--quiet", "add", lib.as_uri(), "app/lib")
    return shop.work / "app/lib"


def test_an_upload_with_its_submodules_is_compared_with_them(shop: Shop) -> None:
    shop.lose()
    lib = with_submodule(shop)
    fix = shop.fix("from app.lib import LIB\n" + good())
    shop.push()
    shop.roll_out(shop.upload())
    traced = shop.trace(fix)
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes"), traced.said()
    (lib / "__init__.py").write_text("LIB = 2\n")
    shop.roll_out(shop.upload())
    traced = shop.trace(fix)
    assert traced.data["first_break"] == "sourced", traced.said()
    assert "app/lib/__init__.py" in traced.link("sourced")["because"]


def test_a_submodule_that_is_not_at_hand_proves_nothing(shop: Shop) -> None:
    with_submodule(shop)
    shop.commit("A library")
    shop.push()
    shop.roll_out(shop.upload())
    shop.trace().proves()
    shop.git("submodule", "--quiet", "deinit", "--force", "--all")
    for name in ("app", "lib"):
        modules = shop.work / ".git/modules" / name
        if modules.is_dir():
            modules.rename(shop.folder / f"gone-{name}")
    traced = shop.trace()
    traced.cannot_tell("sourced")
    assert "app/lib" in traced.link("sourced")["because"]


def archived(shop: Shop) -> Answer:
    """Builds from what `git archive` makes of HEAD."""
    place = shop.folder / "archived"
    place.mkdir()
    packed = subprocess.run(
        ["git", "archive", "HEAD"], cwd=shop.work, capture_output=True, check=True
    ).stdout
    subprocess.run(["tar", "-x"], cwd=place, input=packed, check=True)
    return shop.build("--source", "upload", str(place))


def test_what_an_archive_leaves_out_or_fills_in_is_a_note(shop: Shop) -> None:
    shop.lose()
    shop.write(".gitattributes", "app/tests/ export-ignore\napp/version.py export-subst\n")
    shop.write("app/tests/test_job.py", "assert True\n")
    shop.write("app/version.py", 'VERSION = "$Format:%H$"\n')
    fix = shop.fix()
    shop.push()
    shop.roll_out(archived(shop))
    traced = shop.trace(fix)
    traced.proves()
    notes = " ".join(traced.link("sourced")["notes"])
    assert "`git archive` fills in" in notes
    assert "`git archive` leaves out" in notes
    assert traced.answers == ("yes", "yes", "yes"), traced.said()


def test_a_change_that_an_archive_leaves_out_is_not_in_there(shop: Shop) -> None:
    shop.write(".gitattributes", "app/extra.py export-ignore\n")
    shop.write("app/extra.py", "EXTRA = 1\n")
    shop.commit("An extra")
    shop.write("app/extra.py", "EXTRA = 2\n")
    fix = shop.commit("Mend the extra")
    shop.push()
    shop.roll_out(archived(shop))
    traced = shop.trace(fix)
    assert traced.data["first_break"] == "sourced", traced.said()
    assert traced.answers[0] == "no", traced.said()


def test_what_an_installation_notes_is_generated_and_code_beside_it_is_not(shop: Shop) -> None:
    shop.fix()
    shop.push()
    for name in ("PKG-INFO", "SOURCES.txt", "entry_points.txt"):
        shop.write(f"app/worker.egg-info/{name}", "generated\n")
    shop.roll_out(shop.upload())
    shop.trace().proves()
    shop.write("app/worker.egg-info/run.py", "print(1)\n")
    shop.roll_out(shop.upload())
    traced = shop.trace()
    assert traced.diagnosis("sourced") == "untracked-file", traced.said()


def test_a_chmod_of_the_copy_is_no_lost_exec_bit(shop: Shop) -> None:
    shop.write("Dockerfile", DOCKERFILE.replace("COPY app", "COPY --chmod=755 app"))
    shop.commit("Executable")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.link("packed")["notes"] == []
    shop.write("Dockerfile", DOCKERFILE)
    shop.commit("As they are")
    shop.push()
    shop.release()
    record = max((shop.cloud / "builds").glob("*/build.json"))
    assert json.loads(record.read_text())["status"] == "SUCCESS"
    assert shop.trace().link("packed")["notes"] == []
