"""Fixes that run, and what their execution says: links 8 and 9."""

from __future__ import annotations

import json

from scenarios.shop import FLAG, ON_BOTH, SCHOOL, Shop, bad, good

QUIET = 'def run():\n    return "the queue is empty"\n'
IMPORT = "import a_module_that_is_nowhere\n\n\n"


@ON_BOTH
def test_a_fix_that_helped_is_proved_with_three_yes(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")


@ON_BOTH
def test_the_next_bug_behind_the_first(shop: Shop) -> None:
    shop.lose()
    shop.fix(bad(FLAG))
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("healed", "next-bug")
    assert traced.link("healed")["also"] == ["new-error"]
    assert {"fix-ineffective", "change-not-running", "missing-dependency"} <= traced.ruled_out(
        "healed"
    )
    assert traced.answers == ("yes", "yes", "no")


@ON_BOTH
def test_a_fix_that_does_not_help(shop: Shop) -> None:
    shop.lose()
    shop.fix("# better\n" + bad(SCHOOL))
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("healed", "fix-ineffective")
    assert {"next-bug", "change-not-running"} <= traced.ruled_out("healed")
    assert traced.answers == ("yes", "yes", "no")


@ON_BOTH
def test_a_fix_that_breaks_something_else(shop: Shop) -> None:
    shop.lose()
    shop.fix(bad("there is no budget", "ValueError"))
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("healed", "new-error")
    assert {"next-bug", "fix-ineffective"} <= traced.ruled_out("healed")
    # Run again, and of the first run nobody knows any more what it ran: it may have been the old.
    record = max((shop.cloud / "executions").glob("*/execution.json"))
    text = record.read_text()
    record.write_text(text.replace(json.loads(text)["digest"], f"sha256:{'0' * 64}"))
    shop.execute()
    again = shop.trace()
    again.cannot_tell("healed")
    assert "so did an earlier execution" in again.link("healed")["because"]


@ON_BOTH
def test_a_fix_that_imports_what_is_not_there(shop: Shop) -> None:
    shop.lose()
    shop.fix(IMPORT + good())
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("ran", "execution-failed", beside=("healed",))
    assert traced.diagnosis("healed") == "missing-dependency"


@ON_BOTH
def test_a_late_import_that_fails_breaks_only_the_logs(shop: Shop) -> None:
    shop.lose()
    shop.fix("def run():\n    import a_module_that_is_nowhere\n")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("healed", "missing-dependency")
    assert traced.link("healed")["also"] == ["new-error"]


@ON_BOTH
def test_a_worker_that_logs_nothing_is_not_green(shop: Shop) -> None:
    shop.write("app/__main__.py", "")
    shop.commit("Silence")
    shop.push()
    shop.release()
    shop.trace().cannot_tell("healed")


@ON_BOTH
def test_a_worker_without_expectations_is_not_green(shop: Shop) -> None:
    text = (shop.work / "landed.toml").read_text()
    shop.write("landed.toml", text.replace('expect = ["work done"]\n', ""))
    shop.commit("Expect nothing")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.cannot_tell("healed")
    assert "expect" in traced.link("healed")["remedy"][0]


@ON_BOTH
def test_a_worker_with_an_empty_queue_cannot_be_judged(shop: Shop) -> None:
    shop.lose()
    shop.fix(QUIET)
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.cannot_tell("healed")
    assert traced.answers == ("yes", "yes", "unknown")


@ON_BOTH
def test_an_error_that_was_there_before_is_no_alarm(shop: Shop) -> None:
    noisy = 'import sys\n\n\ndef run():\n    print("{}")\n    return "work done"\n'
    line = '{\\"severity\\": \\"ERROR\\", \\"message\\": \\"the cache is cold\\"}'
    shop.change(noisy.format(line))
    shop.push()
    shop.release()
    shop.change(noisy.format(line) + "# more\n")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert "known before" in traced.link("healed")["notes"][0]
