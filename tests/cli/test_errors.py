"""`landed errors` on a real local cloud."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from landed.core.probe import Workload
from landed.localcloud.cloud import LocalCloud
from landed.providers.local.view import LocalView
from scenarios.shop import FLAG, JOB, SCHOOL, Shop, bad, good

TRACED = """\
import traceback


def run():
    try:
        raise LookupError({error!r})
    except LookupError:
        traceback.print_exc()
    return 'work done'
"""
TWICE = """\
import traceback


def api():
    raise LookupError('no lesson')


def queue():
    raise LookupError('no lesson')


def run():
    for one in (api, queue):
        try:
            one()
        except LookupError:
            traceback.print_exc()
    return 'work done'
"""


def test_what_it_names_is_what_the_trailer_takes(shop: Shop) -> None:
    shop.lose()
    shop.execute()
    seen = shop.landed("errors").data["targets"][0]
    (family,) = seen["families"]
    (identity,) = family["identities"]
    assert SCHOOL in identity["title"]
    assert seen["executions"] == 2
    shop.change(good(), fixes=identity["identity"])
    shop.push()
    shop.release()
    assert shop.trace().answers == ("yes", "yes", "yes")


def test_the_next_bug_is_another_identity_on_another_image(shop: Shop) -> None:
    shop.change(TRACED.format(error=SCHOOL))
    shop.push()
    first = shop.release()
    shop.change(TRACED.format(error=FLAG))
    shop.push()
    second = shop.release()
    (family,) = shop.landed("errors").data["targets"][0]["families"]
    sightings = [(i["title"], i["sightings"][0]) for i in family["identities"]]
    assert [(FLAG in title, s["digest"], s["old"]) for title, s in sightings] == [
        (True, second, False),
        (False, first, True),
    ]


def test_the_same_words_from_two_places_are_told_apart(shop: Shop) -> None:
    shop.change(TWICE)
    shop.push()
    shop.release()
    families = shop.landed("errors").data["targets"][0]["families"]
    assert len(families) == 2
    assert len({identity["title"] for one in families for identity in one["identities"]}) == 1
    assert sorted(one["frames"][-1] for one in families) == ["app/job.py:api", "app/job.py:queue"]


def test_a_cloud_that_cannot_be_read_is_said(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.push()
    shop.release()
    log = max((shop.cloud / "logs" / JOB).iterdir())
    log.write_bytes(b"no entry\n" + log.read_bytes())
    answer = shop.landed("errors")
    assert answer.code == 3
    assert answer.data["targets"][0]["unread"]


def test_logs_are_waited_for_side_by_side_and_stay_in_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.lose()
    shop.execute()
    executions = [one.id for one in LocalCloud(shop.cloud).executions(JOB)]
    alone, other = LocalView.entries, threading.Event()
    read: list[str] = []

    def entries(view: LocalView, workload: Workload, execution: str) -> Any:
        # The first to be asked answers after the other: one by one, that would never come.
        if execution == executions[0]:
            other.wait(30)
        read.append(execution)
        other.set()
        return alone(view, workload, execution)

    monkeypatch.setattr(LocalView, "entries", entries)
    (family,) = shop.landed("errors").data["targets"][0]["families"]
    assert read == executions[::-1]
    assert family["identities"][0]["sightings"][0]["executions"] == executions


@pytest.mark.parametrize(("variable", "coloured"), [("NO_COLOR", False), ("FORCE_COLOR", True)])
def test_the_screen_keeps_to_the_terminal(shop: Shop, variable: str, coloured: bool) -> None:  # noqa: FBT001
    shop.lose()
    done = subprocess.run(
        [sys.executable, "-m", "landed", "errors"],
        cwd=shop.work,
        env={**os.environ, variable: "1", "COLUMNS": "40"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ("\x1b[" in done.stdout) is coloured
    assert "Landed-Fixes: " in done.stdout
