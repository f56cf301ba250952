"""Fixes that are there, behind a variable: what it is set to, and by whom."""

from __future__ import annotations

import json

import pytest

from scenarios.front import Front
from scenarios.shop import JOB, ON_BOTH, SCHOOL, Shop, bad

GUARDED = """\
import os


def run():
    if {}:
        return "work done"
    raise LookupError("{}")
"""
VALUE = "hunter2-and-more"


def guarded(test: str = 'os.environ.get("NEW_MAPPERS") == "1"') -> str:
    """A fix that takes its path only where a variable says so."""
    return GUARDED.format(test, SCHOOL)


def with_variables(shop: Shop, *pairs: str) -> None:
    """Deploys what is deployed with these variables, and runs it."""
    record = json.loads((shop.cloud / "jobs" / JOB / "job.json").read_text())
    words = [word for pair in pairs for word in ("--env", pair)]
    shop.landed("cloud", "deploy", JOB, "--image", record["spec"]["image"], *words)
    shop.execute()


@pytest.fixture
def ill(shop: Shop) -> Shop:
    """A shop that runs the bug."""
    shop.lose()
    return shop


def bring_out(shop: Shop, job: str) -> None:
    shop.fix(job)
    shop.push()
    shop.release()


@ON_BOTH
def test_nothing_turns_the_switch_on(ill: Shop) -> None:
    bring_out(ill, guarded())
    traced = ill.trace()
    traced.breaks("healed", "switched-off")
    found = traced.link("healed")
    assert "app/job.py asks NEW_MAPPERS, and neither execution" in found["because"]
    assert "NEW_MAPPERS=1" in found["remedy"][0]
    assert found["also"] == ["fix-ineffective"]
    assert {"next-bug", "change-not-running"} <= traced.ruled_out("healed")
    assert traced.answers == ("yes", "yes", "no")
    with_variables(ill, "NEW_MAPPERS=1")
    ill.trace().proves()


@ON_BOTH
@pytest.mark.parametrize("word", ["0", "false", "off", ""])
def test_the_place_turns_it_off_and_no_other_value_is_shown(ill: Shop, word: str) -> None:
    bring_out(ill, guarded())
    with_variables(ill, f"NEW_MAPPERS={word}", f"DB_PASSWORD={VALUE}")
    traced = ill.trace()
    traced.breaks("healed", "switched-off")
    said = f"sets it to `{word}`" if word else "sets it to nothing"
    assert said in traced.link("healed")["because"]
    shown = [e["facts"] for e in traced.link("healed")["evidence"] if e["station"] == "execution"]
    assert shown[0]["variables"] == {"DB_PASSWORD": None, "NEW_MAPPERS": word}
    assert VALUE not in json.dumps(traced.data)


def test_the_image_turns_it_off(ill: Shop) -> None:
    docker = (ill.work / "Dockerfile").read_text()
    ill.write("Dockerfile", docker.replace("COPY", "ENV NEW_MAPPERS=off\nCOPY", 1))
    bring_out(ill, guarded())
    traced = ill.trace()
    traced.breaks("healed", "switched-off")
    assert "the image sets it to `off`" in traced.link("healed")["because"]
    with_variables(ill, "NEW_MAPPERS=1")
    ill.trace().proves()


def test_the_old_way_is_left_on(ill: Shop) -> None:
    bring_out(ill, guarded('os.environ.get("LEGACY_MAPPERS") != "1"'))
    with_variables(ill, "LEGACY_MAPPERS=1")
    ill.trace().breaks("healed", "switched-off")


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        (("NEW_MAPPERS=1",), "NEW_MAPPERS is on"),
        ((f"NEW_MAPPERS={VALUE}",), "cannot be seen"),
    ],
)
@ON_BOTH
def test_a_switch_that_is_on_or_not_seen_is_not_blamed(
    ill: Shop, pairs: tuple[str, ...], why: str
) -> None:
    bring_out(ill, guarded() + '\n\ndef run():\n    raise LookupError("' + SCHOOL + '")\n')
    with_variables(ill, *pairs)
    traced = ill.trace()
    traced.breaks("healed", "fix-ineffective")
    out = {o["diagnosis"]: o["because"] for o in traced.link("healed")["ruled_out"]}
    assert why in out["switched-off"]
    assert VALUE not in json.dumps(traced.data)


@pytest.mark.parametrize(
    "test",
    [
        'os.environ.get("NEW_MAPPERS", "1") != "1"',
        'os.environ.get("NEW_MAPPERS", "auto") == "1"',
        'os.environ.get("SKIP_MAPPERS", "0") == "1"',
    ],
    ids=["on by itself", "by a word of its own", "the old way is off"],
)
def test_a_switch_without_a_setting_that_need_not_be_off(ill: Shop, test: str) -> None:
    bring_out(ill, guarded(test))
    traced = ill.trace()
    traced.breaks("healed", "fix-ineffective")
    assert "switched-off" in traced.ruled_out("healed")


@pytest.mark.parametrize("path", [".env", "entry.sh"])
def test_a_file_may_turn_it_on_and_then_nobody_can_tell(ill: Shop, path: str) -> None:
    ill.write(f"app/{path}", "NEW_MAPPERS=1\n")
    bring_out(ill, guarded())
    traced = ill.trace()
    traced.breaks("healed", "fix-ineffective")
    assert "switched-off" in traced.ruled_out("healed")


def test_a_plain_setting_is_no_switch(ill: Shop) -> None:
    bring_out(ill, "import os\n\nDSN = os.environ.get('DATABASE_URL')\n" + bad(SCHOOL))
    traced = ill.trace()
    traced.breaks("healed", "fix-ineffective")
    assert "switched-off" in traced.ruled_out("healed")


def test_a_switch_of_an_older_commit_is_not_this_changes(ill: Shop) -> None:
    bring_out(ill, guarded())
    bring_out(ill, "# the same again\n" + guarded())
    ill.trace().breaks("healed", "fix-ineffective")


def test_a_healthy_fix_behind_a_switch_is_quiet(ill: Shop) -> None:
    bring_out(ill, guarded('os.environ.get("NEW_MAPPERS", "1") == "1"'))
    traced = ill.trace()
    traced.proves()
    assert traced.link("healed")["also"] == []


def test_a_services_revision_that_does_not_set_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    front = Front(tmp_path_factory.mktemp("front"))
    try:
        front.lose()
        bring_out(front, guarded())
        traced = front.trace()
        traced.breaks("healed", "switched-off")
    finally:
        front.stop()
