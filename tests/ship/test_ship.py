"""`landed ship`, where nothing is killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from landed.content.repo import Repository
from landed.core.errors import ProviderError
from landed.core.words import MENDED
from landed.ledger.store import Ledger
from landed.localcloud.cloud import LocalCloud
from landed.providers.local.actions import LocalActions
from landed.ship import records
from landed.ship.base import Base
from landed.ship.desk import Desk
from landed.ship.shipment import STEPS
from landed.ship.steps import bring
from scenarios.shop import FLAG, JOB, SCHOOL, Answer, Shop, bad, good

WAITS = """\
import os, pathlib, time

def run():
    while not pathlib.Path(os.environ["DATA_DIR"], "go").exists():
        time.sleep(0.02)
    return "work done"
"""
IDLE = """\
import os, pathlib

def run():
    work = pathlib.Path(os.environ["DATA_DIR"], "go").exists()
    return "work done" if work else "the queue is empty"
"""
FAILS = """\
import os, pathlib, sys

def run():
    if not pathlib.Path(os.environ["DATA_DIR"], "go").exists():
        sys.exit(3)
    return "work done"
"""


@pytest.fixture
def broken(shop: Shop) -> Shop:
    """The shop with the bug deployed."""
    shop.lose()
    return shop


def steps(answer: Answer) -> dict[str, str | None]:
    return {step["step"]: step["status"] for step in answer.data["steps"]}


def stopped(answer: Answer) -> tuple[str, str | None, list[str]]:
    step = next(s for s in answer.data["steps"] if s["step"] == answer.data["stopped_at"])
    return step["step"], step["diagnosis"], step["remedy"]


def deployed(shop: Shop) -> str:
    job = LocalCloud(shop.cloud).job(JOB)
    assert job is not None
    return job.spec.image


def smoke(shop: Shop, *words: str) -> None:
    text = (shop.work / "landed.toml").read_text()
    listed = ", ".join(f"'{word}'" for word in words)
    table = "[deployables.worker]\n"
    shop.write("landed.toml", text.replace(table, f"{table}smoke = [{listed}]\n"))
    shop.commit("A smoke command")


def test_a_fix_is_brought_out_and_trace_agrees(broken: Shop) -> None:
    before = deployed(broken)
    fix = broken.fix()
    broken.push()
    answer = broken.landed("ship")
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    assert answer.data["trace"]["answers"]["did_it_help"] == "yes"
    assert deployed(broken) == f"worker@{answer.data['digest']}"
    step = next(s for s in answer.data["steps"] if s["step"] == "deploy")
    assert step["because"].endswith(f"in place of {before.partition('@')[2][:19]}")
    broken.trace(fix).proves()
    again = broken.landed("ship", "--resume", answer.data["id"])
    assert (again.code, again.data["id"]) == (0, answer.data["id"])
    assert len(LocalCloud(broken.cloud).builds()) == 2


def test_it_never_pushes_by_itself_and_goes_on_once_it_is_pushed(broken: Shop) -> None:
    broken.fix()
    answer = broken.landed("ship")
    assert answer.code == 1
    assert stopped(answer)[:2] == ("check", "commit-not-pushed")
    assert stopped(answer)[2] == ["git push origin HEAD:refs/heads/main"]
    assert len(LocalCloud(broken.cloud).builds()) == 1
    broken.push()
    again = broken.landed("ship", "--resume", answer.data["id"])
    assert (again.code, again.data["attempt"]) == (0, 2)


def test_it_pushes_where_it_is_asked_to(broken: Shop) -> None:
    fix = broken.fix()
    assert broken.landed("ship", "--push").code == 0
    assert broken.git("rev-parse", "main", at=broken.remote) == fix


def test_what_is_not_committed_stops_it(broken: Shop) -> None:
    broken.fix()
    broken.push()
    broken.write("app/job.py", bad(FLAG))
    answer = broken.landed("ship")
    assert (answer.code, stopped(answer)[:2]) == (1, ("check", "uncommitted-change"))


def test_a_build_that_fails_stops_it_and_is_built_again_by_the_next_attempt(shop: Shop) -> None:
    shop.write("Dockerfile", "FROM python:3.11-slim\nCOPY nothing /app\n")
    shop.commit("A Dockerfile with a hole")
    shop.push()
    answer = shop.landed("ship")
    assert (answer.code, stopped(answer)[:2]) == (1, ("build", "build-failed"))
    assert stopped(answer)[2] == [MENDED]
    again = shop.landed("ship", "--resume", answer.data["id"])
    assert (again.code, again.data["attempt"]) == (1, 2)
    assert again.data["build"] != answer.data["build"]


def test_a_build_that_the_place_failed_is_gone_on_with(
    broken: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken.fix()
    broken.push()

    def refuses(*_: object, **__: object) -> None:
        raise ProviderError("the remote does not answer")

    monkeypatch.setattr(Repository, "fetch", refuses)
    answer = broken.landed("ship")
    resume = f"landed ship --resume {answer.data['id']}"
    assert stopped(answer) == ("build", "build-failed", [f"mend it, then: {resume}"])


def test_an_image_that_is_not_its_source_is_not_judged_once_more(broken: Shop) -> None:
    broken.fix()
    broken.write(".dockerignore", "app/other.py\n")
    broken.write("app/other.py", "OTHER = 1\n")
    broken.commit("A file that the build leaves out")
    broken.push()
    answer = broken.landed("ship")
    step, diagnosis, remedy = stopped(answer)
    assert (step, diagnosis) == ("prove", "ignored-by-dockerignore")
    assert remedy[-1] == "landed ship"


def test_a_smoke_command_that_fails_deploys_nothing(broken: Shop) -> None:
    before = deployed(broken)
    smoke(broken, "python", "-c", "import app.job, no_such_thing")
    broken.fix()
    broken.push()
    answer = broken.landed("ship")
    assert (answer.code, answer.data["stopped_at"]) == (1, "smoke")
    step = next(s for s in answer.data["steps"] if s["step"] == "smoke")
    assert "No module named 'no_such_thing'" in step["because"]
    assert deployed(broken) == before
    assert not list((broken.cloud / "smoke").iterdir())


def test_a_smoke_command_that_passes_says_how_it_ran(broken: Shop) -> None:
    smoke(broken, "python", "-c", "import app.job")
    broken.fix()
    broken.push()
    answer = broken.landed("ship")
    assert answer.code == 0, answer.data
    assert steps(answer)["smoke"] == "holds"


def test_the_next_bug_stops_it_by_its_name(broken: Shop) -> None:
    broken.fix(bad(FLAG))
    broken.push()
    answer = broken.landed("ship")
    assert (answer.code, stopped(answer)[:2]) == (1, ("logs", "next-bug"))
    assert stopped(answer)[2][-1] == MENDED
    assert not any("--resume" in one for one in stopped(answer)[2])
    assert answer.data["watch"] is None


def test_it_rolls_back_by_setting_and_on_request(broken: Shop) -> None:
    broken.settings("[ship]\nroll_back = true\n")
    broken.fix()
    broken.push()
    proved = broken.landed("ship")
    assert proved.code == 0, proved.data
    broken.change(bad(FLAG), "Another feature")
    broken.push()
    answer = broken.landed("ship")
    assert (answer.code, steps(answer)["roll-back"]) == (1, "holds"), answer.data
    assert deployed(broken) == f"worker@{proved.data['digest']}"
    assert watched(broken) == (answer.data["watch"], proved.data["digest"])
    broken.deploy(f"{JOB}@{answer.data['digest']}")
    asked = broken.landed("ship", "--rollback")
    assert (asked.code, asked.verdict) == (0, "proved")
    assert deployed(broken) == f"worker@{proved.data['digest']}"
    assert watched(broken) == (asked.data["watch"], proved.data["digest"])
    with Ledger(broken.work / ".landed" / "ledger.db") as ledger:
        before = records.kept(ledger, answer.data["watch"])
    assert before is not None
    assert before.closed_because.startswith(f"{asked.data['id']} rolled back to sha256:")
    with Desk(Base(folder=broken.work / ".landed" / "ship", url=None)) as desk:
        first = desk._client.list_workflows(workflow_ids=[f"{asked.data['watch']}/1"])
    assert [one.status for one in first] == ["DELAYED"]


def watched(shop: Shop) -> tuple[str, str]:
    """The watch that goes on, and over which digest."""
    answer = shop.landed("watch")
    assert answer.data["status"] == "pending"
    return answer.data["id"], answer.data["digest"]


def test_where_no_watch_can_be_opened_a_roll_back_says_why_and_ends_the_one_before(
    broken: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken.fix()
    broken.push()
    assert broken.landed("ship").code == 0
    broken.change(good("other work done"), "Another feature")
    broken.push()
    assert broken.landed("ship").code == 0

    def fails(*_: object) -> None:
        raise ProviderError("the ledger is full")

    with monkeypatch.context() as failing:
        failing.setattr(bring, "open_watch", fails)
        answer = broken.landed("ship", "--rollback")
    step = next(one for one in answer.data["steps"] if one["step"] == "roll-back")
    assert (answer.code, answer.data["watch"]) == (0, None)
    assert "no watch was opened over it: the ledger is full; `landed watch dev" in step["because"]
    ended = broken.landed("watch").data["closed_because"]
    assert ended.startswith(f"{answer.data['id']} rolled back to "), ended


def test_what_serves_goes_back_even_where_the_tag_is_refused(
    broken: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = (broken.work / "landed.toml").read_text()
    table = "[deployables.worker]\n"
    broken.write("landed.toml", named.replace(table, f'{table}image = "worker:latest"\n'))
    broken.fix()
    broken.push()
    proved = broken.landed("ship")
    assert proved.code == 0, proved.data
    broken.change(bad(FLAG), "Another feature")
    broken.push()
    broken.release()

    def refuses(*_: object) -> None:
        raise ProviderError("the registry refuses the tag", "who may write there?")

    with monkeypatch.context() as refused:
        refused.setattr(LocalActions, "publish", refuses)
        answer = broken.landed("ship", "--rollback")
    assert deployed(broken) == f"worker@{proved.data['digest']}"
    step = next(one for one in answer.data["steps"] if one["step"] == "roll-back")
    assert (answer.code, step["status"]) == (3, "unseen"), step
    assert "worker:latest was not moved to it: the registry refuses the tag" in step["because"]
    again = broken.landed("ship", "--resume", answer.data["id"])
    images = LocalCloud(broken.cloud).images
    assert again.data["watch"] == answer.data["watch"]
    assert watched(broken) == (again.data["watch"], proved.data["digest"])
    assert (again.code, images.here("worker:latest")) == (0, proved.data["digest"]), again.data


def test_there_is_nothing_to_roll_back_to_before_a_shipment_was_proved(broken: Shop) -> None:
    before = deployed(broken)
    answer = broken.landed("ship", "--rollback")
    assert (answer.code, deployed(broken)) == (3, before)


def test_a_dry_run_does_nothing_and_says_all(broken: Shop) -> None:
    broken.fix()
    builds = len(LocalCloud(broken.cloud).builds())
    answer = broken.landed("ship", "--dry-run", "--push")
    assert answer.code == 1
    assert answer.data["check"]["diagnosis"] == "commit-not-pushed"
    assert [step["step"] for step in answer.data["steps"]] == list(STEPS)
    assert len(LocalCloud(broken.cloud).builds()) == builds
    assert not (broken.work / ".landed" / "ship").exists()
    assert broken.git("rev-parse", "main", at=broken.remote) != broken.git("rev-parse", "HEAD")


def test_a_dry_run_loads_no_engine(shop: Shop) -> None:
    script = (
        "import atexit, sys; sys.argv = ['landed', 'ship', '--dry-run', '--quiet']\n"
        "from landed.cli.main import run\n"
        "heavy = ('dbos', 'psycopg', 'rich.live')\n"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules]))\n"
        "run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=shop.work, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "[]"), done.stderr


def test_without_a_sign_of_work_it_cannot_tell(shop: Shop) -> None:
    text = (shop.work / "landed.toml").read_text()
    shop.write("landed.toml", text.replace('expect = ["work done"]\n', ""))
    shop.commit("No sign of work is said")
    shop.push()
    answer = shop.landed("ship")
    assert (answer.code, answer.verdict, stopped(answer)[0]) == (3, "unproved", "logs")
    ran = len(LocalCloud(shop.cloud).executions(JOB))
    shop.write("landed.toml", text)
    again = shop.landed("ship", "--resume", answer.data["id"])
    assert (again.code, again.data["execution"]) == (0, answer.data["execution"]), again.data
    assert len(LocalCloud(shop.cloud).executions(JOB)) == ran


def test_a_job_that_had_nothing_to_do_is_executed_once_more(broken: Shop) -> None:
    broken.fix(IDLE)
    broken.push()
    answer = broken.landed("ship")
    resume = f"landed ship --resume {answer.data['id']}"
    assert (answer.code, stopped(answer)[0]) == (3, "logs"), answer.data
    assert stopped(answer)[2][0] == f"give it something to do, then: {resume}"
    traced = broken.trace()
    assert traced.link("healed")["remedy"][0].startswith("give it something to do, then: landed c")
    still = broken.landed("ship", "--resume", answer.data["id"])
    assert (still.code, stopped(still)[0]) == (3, "logs")
    (broken.cloud / "jobs" / JOB / "data" / "go").write_text("")
    again = broken.landed("ship", "--resume", answer.data["id"])
    assert (again.code, again.verdict) == (0, "proved"), again.data
    ran = {one.data["execution"] for one in (answer, still, again)}
    assert len(ran) == 3


def test_a_failed_execution_is_mended_or_executed_once_more(broken: Shop) -> None:
    broken.fix(FAILS)
    broken.push()
    answer = broken.landed("ship")
    assert (answer.code, stopped(answer)[:2]) == (1, ("logs", "execution-failed")), answer.data
    resume = f"landed ship --resume {answer.data['id']}"
    onward = [MENDED, f"or, where the code is not at fault: {resume}"]
    assert stopped(answer)[2][-2:] == onward
    (broken.cloud / "jobs" / JOB / "data" / "go").write_text("")
    again = broken.landed("ship", "--resume", answer.data["id"])
    assert (again.code, again.verdict) == (0, "proved"), again.data


def test_a_squashed_change_is_built_as_the_remote_has_it(broken: Shop) -> None:
    broken.git("checkout", "-qb", "feature")
    asked = broken.fix()
    broken.git("checkout", "-q", "main")
    broken.git("merge", "-q", "--squash", "feature")
    squashed = broken.commit("Mend the worker (#1)", fixes=SCHOOL)
    broken.push()
    answer = broken.landed("ship", asked)
    assert answer.code == 0, answer.data
    build = LocalCloud(broken.cloud).builds()[0]
    assert build.source is not None
    assert build.source.resolved_commit == squashed


def test_an_earlier_commit_is_built_and_not_the_tip(broken: Shop) -> None:
    fix = broken.fix()
    broken.change(good("work done twice"), "Later work")
    broken.push()
    answer = broken.landed("ship", fix)
    build = LocalCloud(broken.cloud).builds()[0]
    assert build.source is not None
    assert build.source.resolved_commit == fix
    assert answer.code == 0, answer.data


def test_a_remote_that_is_gone_is_no_verdict(broken: Shop, tmp_path: Path) -> None:
    broken.fix()
    broken.push()
    broken.remote.rename(tmp_path / "gone")
    answer = broken.landed("ship")
    assert (answer.code, answer.verdict) == (3, "unproved")
    (tmp_path / "gone").rename(broken.remote)
    assert broken.landed("ship", "--resume", answer.data["id"]).code == 0


def test_an_execution_that_takes_long_is_waited_for_again_and_not_started_again(
    broken: Shop,
) -> None:
    broken.settings("[ship]\nexecution_seconds = 0.2\n")
    broken.fix(WAITS)
    broken.push()
    ran = len(LocalCloud(broken.cloud).executions(JOB))
    answer = broken.landed("ship")
    assert (answer.code, stopped(answer)[0]) == (3, "execute"), answer.data
    (broken.cloud / "jobs" / JOB / "data" / "go").write_text("")
    for _ in range(20):
        if answer.data["stopped_at"] == "execute":
            answer = broken.landed("ship", "--resume", answer.data["id"])
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    assert len(LocalCloud(broken.cloud).executions(JOB)) == ran + 1


def test_which_environment_is_asked_where_there_are_several(broken: Shop) -> None:
    broken.settings('[environments.live]\njobs = { worker = "worker-live" }\n')
    assert broken.landed("ship").err == "which environment? landed.toml has: dev, live"


def test_an_unknown_shipment_cannot_be_resumed(broken: Shop) -> None:
    answer = broken.landed("ship", "--resume", "ship-1")
    assert (answer.code, answer.err) == (2, "there is no shipment `ship-1` to go on with")


def test_what_was_ordered_is_not_ordered_anew_by_going_on_with_it(broken: Shop) -> None:
    for more in (["--env", "live"], ["--push"], ["--deployable", "worker"], ["HEAD"]):
        answer = broken.landed("ship", "--resume", "ship-1", *more)
        assert (answer.code, answer.err) == (
            2,
            "--resume is about what was ordered, and takes nothing else",
        )


def test_a_ledger_that_cannot_be_written_is_no_bug_and_the_shipment_goes_on(broken: Shop) -> None:
    broken.fix()
    broken.push()
    place = broken.work / ".landed" / "ledger.db"
    shutil.rmtree(place, ignore_errors=True)
    place.unlink(missing_ok=True)
    place.mkdir()
    answer = broken.landed("ship")
    assert answer.code == 4
    shipment, _, why = answer.err.removeprefix("shipment ").partition(" is not written down: ")
    assert why.startswith("ProviderError: cannot use the ledger "), answer.err
    place.rmdir()
    again = broken.landed("ship", "--resume", shipment)
    assert (again.code, again.data["attempt"]) == (0, 2), again.data
    assert broken.landed("watch").data["id"] == f"watch-{shipment}"
    assert len(LocalCloud(broken.cloud).builds()) == 2
    # Neither is one of the shipments' own.
    ships = broken.work / ".landed" / "ship" / "ships.db"
    ships.rename(ships.with_name("away.db"))
    ships.mkdir()
    answer = broken.landed("ship")
    said = "the shipments' database cannot be written: unable to open database file"
    assert (answer.code, answer.err) == (4, said)
