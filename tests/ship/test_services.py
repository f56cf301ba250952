"""`landed ship` of a service: it has no execution that ends, and somebody has to ask it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from landed.core.clock import now
from landed.core.model import Status
from landed.core.seen import Commands, Execution, ExecutionState
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.standing import Service
from landed.ship.steps import serving
from scenarios.front import Front
from scenarios.shop import FLAG, JOB, SCHOOL, Answer, bad, good
from ship.driven import Time
from ship.harbour import KILLED, Forks, Harbour
from waiting import until

STARTS = good() + '\ndef START():\n    print("work done", flush=True)\n'
NEVER_LISTENS = good() + '\ndef START():\n    raise SystemExit("no settings, token=hunter22")\n'
SOON = "[ship]\nwork_seconds = 0.01\n"


@pytest.fixture
def front(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Front]:
    """A service that serves the bug."""
    made = Front(tmp_path, settings=getattr(request, "param", SOON))
    made.lose()
    yield made
    made.stop()


def stopped(answer: Answer) -> tuple[int, str, str | None]:
    step = answer.data["stopped_at"]
    found = next((s for s in answer.data["steps"] if s["step"] == step), {"diagnosis": None})
    return answer.code, step, found["diagnosis"]


def step(answer: Answer, name: str) -> dict[str, object]:
    found: dict[str, object] = next(s for s in answer.data["steps"] if s["step"] == name)
    return found


def service(front: Front) -> Service:
    return LocalCloud(front.cloud).services.get(JOB)


def shipped(front: Front) -> Answer:
    """Ships the fix: asked between two attempts, as its remedy says."""
    first = front.landed("ship")
    assert stopped(first) == (3, "logs", None), first.data
    front.execute()
    return front.landed("ship", "--resume", first.data["id"])


def test_a_fix_is_brought_out_and_the_watch_is_over_its_hours(front: Front) -> None:
    fix = front.fix()
    front.push()
    answer = shipped(front)
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    assert answer.data["trace"]["answers"]["did_it_help"] == "yes"
    newest = service(front).latest.record
    assert (newest.digest, newest.name) == (answer.data["digest"], answer.data["execution"])
    front.trace(fix).proves()
    watch = front.landed("watch")
    assert (watch.data["counts"], watch.data["baseline"]["executions"]) == ("hour", 1)
    assert len(service(front).revisions) == 2


def test_one_that_nobody_asked_cannot_be_told_and_says_how_to_ask(front: Front) -> None:
    front.fix(STARTS)
    front.push()
    answer = front.landed("ship")
    found = step(answer, "logs")
    assert (answer.code, answer.verdict) == (3, "unproved"), answer.data
    # What it says as it starts matches `expect`, and is no work.
    assert "nobody has asked it yet" in str(found["because"])
    assert found["remedy"] == [f"landed cloud request {JOB}"]
    assert step(answer, "execute")["status"] == "holds"
    front.execute()
    assert front.landed("ship", "--resume", answer.data["id"]).code == 0


@pytest.mark.parametrize("front", ["[ship]\nwork_seconds = 600\n"], indirect=True)
def test_what_somebody_asks_meanwhile_is_waited_for(front: Front) -> None:
    front.fix()
    front.push()
    before = service(front).latest.record.name
    asked = threading.Thread(target=ask_once_ready, args=(front, before))
    asked.start()
    answer = front.landed("ship")
    asked.join()
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data


def ask_once_ready(front: Front, before: str) -> None:
    def ready() -> bool:
        latest = service(front).latest
        return latest.record.name != before and latest.state == "READY"

    until(ready)
    subprocess.run(
        [sys.executable, "-m", "landed", "cloud", "request", JOB],
        cwd=front.work,
        check=True,
        capture_output=True,
    )


def test_one_that_works_unasked_is_believed_from_its_start(front: Front) -> None:
    text = (front.work / "landed.toml").read_text()
    front.write("landed.toml", text.replace("expect = ", "unasked = true\nexpect = "))
    front.fix(STARTS)
    front.push()
    answer = front.landed("ship")
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data


def test_a_revision_that_never_becomes_ready_breaks_with_the_end_of_its_log(front: Front) -> None:
    front.change(NEVER_LISTENS, "Mend the worker", fixes=SCHOOL)
    front.push()
    answer = front.landed("ship")
    assert stopped(answer) == (1, "execute", "auto-rollback"), answer.data
    because = str(step(answer, "execute")["because"])
    assert "its log ends: no settings" in because
    assert "hunter22" not in because


def test_traffic_that_somebody_pinned_is_left_to_them(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SETTLE_SECONDS", 0.1)
    old = front.revisions()[0]
    front.route(f"{old}=100")
    front.fix()
    front.push()
    answer = front.landed("ship")
    assert stopped(answer) == (1, "execute", "traffic-pinned"), answer.data
    assert step(answer, "execute")["remedy"] == [f"landed cloud traffic {JOB} --to-latest"]
    front.landed("cloud", "traffic", JOB, "--to-latest")
    front.execute()
    assert front.landed("ship", "--resume", answer.data["id"]).code == 0


def test_a_look_that_takes_long_is_no_time_in_which_nobody_gave_it_traffic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, looks = [0.0], [0]
    ready = Execution(
        id="new", digest="sha256:new", started_at=now(), finished_at=None,
        state=ExecutionState.SERVING,
    )  # fmt: skip

    def look(*_: object) -> object:
        looks[0] += 1
        clock[0] += 60
        revision = "new" if looks[0] > 2 else "old"
        serving = [SimpleNamespace(digest=f"sha256:{revision}", revision=revision, percent=100)]
        return SimpleNamespace(
            deployment=SimpleNamespace(serving=serving, deploying=False), executions=[ready]
        )

    monkeypatch.setattr(serving, "Rollout", look)
    waits = SimpleNamespace(monotonic=lambda: clock[0], sleep=lambda _: None)
    monkeypatch.setattr(serving, "time", waits)
    bench = SimpleNamespace(
        cloud=SimpleNamespace(
            builds=list, commands=lambda _: Commands(), deployment=lambda _: None
        ),
        target=None,
        workload=None,
    )
    bench.again = lambda: bench
    found = serving.settled(cast("Any", bench), "sha256:new", 3600)
    assert (found.status, looks[0]) == (Status.HOLDS, 3), found


@pytest.mark.parametrize("front", [f"{SOON}roll_back = true\n"], indirect=True)
def test_it_rolls_back_until_the_proved_digest_takes_the_traffic(front: Front) -> None:
    front.fix()
    front.push()
    proved = shipped(front)
    assert proved.code == 0, proved.data
    front.change(bad(FLAG), "Another feature")
    front.push()
    waiting = front.landed("ship")
    front.execute()
    answer = front.landed("ship", "--resume", waiting.data["id"])
    assert stopped(answer) == (1, "logs", "new-error"), answer.data
    assert "FeatureFlag" in str(step(answer, "logs")["because"])
    assert step(answer, "roll-back")["status"] == "holds"
    [(share, serves)] = service(front).serving()
    assert (share.percent, serves.record.digest) == (100, proved.data["digest"])
    assert front.execute().code == 0


def test_killed_at_the_points_that_are_a_services_own_it_still_does_everything_once(
    tmp_path: Path, forks: Forks
) -> None:
    front = Front(tmp_path)
    text = (front.work / "landed.toml").read_text()
    listed = 'expect = ["front started"]\nunasked = true'
    front.write("landed.toml", text.replace('expect = ["work done"]', listed))
    harbour = Harbour(tmp_path, forks, shop=front)
    try:
        # First where an instance runs, and nobody has written down of which revision.
        points = ["at landed.localcloud.services:detach after", "after deploy",
                  "at landed.ship.steps.serving:Rollout before", "after execute",
                  "in logs 0", "after logs", "after watch"]  # fmt: skip
        first = harbour.run("ship", point=points[0])
        assert first.wait() == KILLED, first.said()
        shipment = harbour.begun()
        for point in points[1:]:
            going_on = harbour.run("ship", "--resume", shipment, point=point)
            assert going_on.wait() == KILLED, (point, going_on.said())
        last = harbour.run("ship", "--resume", shipment)
        assert (last.wait(), last.document()["verdict"]) == (0, "proved"), last.said()
        harbour.served_once(shipment)
    finally:
        front.stop()


def test_a_dry_run_says_what_a_service_gets(front: Front) -> None:
    front.fix()
    front.push()
    answer = front.landed("ship", "--dry-run")
    would = {one["step"]: one["would"] for one in answer.data["steps"]}
    assert would["execute"].startswith("wait until the new revision of worker takes the traffic")


def test_the_watch_counts_hours_and_the_error_that_comes_back_ends_it(
    front: Front, time: Time
) -> None:
    # The same digest, and an input that brings the error back.
    front.fix(
        "import os, pathlib\n\ndef run():\n"
        "    if pathlib.Path(os.environ['DATA_DIR'], 'old').exists():\n"
        f'        raise LookupError("{SCHOOL}")\n'
        '    return "work done"\n'
    )
    front.push()
    assert shipped(front).code == 0
    (front.cloud / "services" / JOB / "data" / "old").write_text("")
    front.execute()
    time.forward(4)
    answer = front.landed("watch", "--once")
    assert (answer.code, answer.data["diagnosis"]) == (1, "came-back"), answer.data
    assert answer.data["checkpoints"][0]["executions"] == 1
    assert "in 1 of 1 hour since" in answer.data["because"]
    newest = service(front).latest.record.name
    assert answer.data["remedy"] == [f"landed cloud logs {JOB} --revision {newest}"]
