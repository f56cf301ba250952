"""The three answers, and where they part from each other."""

from __future__ import annotations

from typing import Any

import pytest

from landed.content.git import process
from scenarios.shop import JOB, SCHOOL, Shop, bad, good


def test_a_dirty_upload_is_in_there_without_being_by_the_book(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.write("app/other.py", "OTHER = 1\n")
    shop.roll_out(shop.upload())
    traced = shop.trace()
    traced.breaks("sourced", "untracked-file")
    assert traced.answers == ("yes", "no", "yes")


def test_a_history_that_was_rewritten_after_the_build_is_not_by_the_book(shop: Shop) -> None:
    shop.lose()
    lost = shop.git("rev-parse", "HEAD")
    shop.fix()
    shop.push()
    shop.release()
    shop.git("push", "-q", "--force", "origin", f"{lost}:refs/heads/main")
    traced = shop.trace()
    assert traced.data["first_break"] == "pushed", traced.said()
    assert traced.broken() == {"pushed"}
    assert traced.answers == ("yes", "no", "yes")


def test_no_named_error_gives_no_answer_about_helping(shop: Shop) -> None:
    shop.lose()
    shop.change(good())
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "unknown")


def test_an_error_that_nobody_ever_saw_cannot_be_gone(shop: Shop) -> None:
    shop.release()
    shop.fix(good("work done again"))
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.answers[2] == "unknown"


def test_an_error_named_in_the_settings_counts_as_well(shop: Shop) -> None:
    shop.settings(f'\n[[errors]]\nname = "school"\ncontains = "{SCHOOL}"\n')
    shop.commit("Name the error")
    shop.lose()
    shop.change(good())
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.answers[2] == "yes"


def test_a_fix_that_is_not_in_there_never_helped(shop: Shop) -> None:
    shop.lose()
    shop.change(good())
    shop.push()
    shop.release()
    shop.git("switch", "-q", "-c", "topic")
    shop.write("app/other.py", "OTHER = 1\n")
    shop.commit("Another fix", fixes=SCHOOL)
    traced = shop.trace()
    assert traced.answers[0] == "no"
    assert traced.answers[2] == "unknown"


def test_where_names_the_digest_and_the_moment(shop: Shop) -> None:
    shop.lose()
    before = shop.landed("where", "HEAD")
    assert (before.code, before.data["environments"][0]["in_there"]) == (0, "yes")
    shop.fix()
    after = shop.landed("where", "HEAD")
    assert (after.code, after.data["environments"][0]["in_there"]) == (1, "no")
    assert after.data["environments"][0]["since"] is None
    shop.push()
    digest = shop.release()
    there = shop.landed("where", "HEAD").data["environments"][0]
    assert there["digest"] == digest
    assert there["since"]


def test_where_asks_only_what_says_what_is_in_there(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.release()
    started: list[list[str]] = []
    start = process.start

    def counted(command: list[str], **how: Any) -> Any:
        started.append(command)
        return start(command, **how)

    monkeypatch.setattr(process, "start", counted)
    assert shop.landed("where", "HEAD").code == 0
    words = {word for command in started for word in command}
    assert not words & {"ls-remote", "status", "ls-files"}
    # Each takes milliseconds; `where` is asked by scripts, and often.
    assert len(started) <= 9, started


def test_where_asks_the_remote_for_what_somebody_else_released(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    theirs = shop.clone("theirs")
    (theirs / "app" / "other.py").write_text("OTHER = 1\n")
    shop.git("add", "-A", at=theirs)
    shop.git("commit", "-q", "-m", "Another change", at=theirs)
    shop.git("push", "-q", "origin", "HEAD:main", at=theirs)
    digest = shop.release()
    (there,) = shop.landed("where", "HEAD").data["environments"]
    assert (there["in_there"], there["digest"]) == ("yes", digest)


def test_where_knows_an_upload_of_what_only_the_remote_has(shop: Shop) -> None:
    shop.lose()
    theirs = shop.clone("theirs")
    (theirs / "app" / "job.py").write_text(good("work done, by them"))
    shop.git("commit", "-q", "-am", "Mend it", at=theirs)
    shop.git("push", "-q", "origin", "HEAD:main", at=theirs)
    digest = shop.roll_out(shop.build("--source", "upload", str(theirs)))
    # It is written over, by a commit that has it in its history: only the remote knows that one.
    (there,) = shop.landed("where", "HEAD").data["environments"]
    assert (there["in_there"], there["digest"]) == ("yes", digest)


def test_through_says_how_far_is_asked(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.push()
    shop.build()
    packed = shop.trace("--through", "packed")
    packed.proves()
    shop.deploy("worker:latest")
    shop.execute()
    assert shop.trace("--through", "published").code == 0
    assert shop.trace("--through", "held").code in (1, 3)


def test_the_build_the_image_and_the_execution_can_be_chosen(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.push()
    old = shop.build()
    shop.deploy(f"{JOB}@{old.data['digest']}")
    ran = shop.execute()
    shop.fix()
    shop.push()
    shop.release()
    shop.trace().proves()
    by_build = shop.trace("--build", old.data["id"])
    assert by_build.link("built")["subject"]["build"] == old.data["id"]
    assert by_build.data["first_break"] == "sourced", by_build.said()
    by_digest = shop.trace("--digest", old.data["digest"])
    assert by_digest.answers[0] == "no"
    by_execution = shop.trace("--execution", ran.data["id"])
    assert by_execution.answers[0] == "no"
    assert by_execution.verdict != "proved"


def test_a_digest_that_was_only_built_is_not_what_runs(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    built = shop.build()
    traced = shop.trace("--digest", built.data["digest"])
    assert traced.verdict != "proved", traced.said()
    assert traced.answers[2] != "yes"
