"""Ways to lose a fix between registry and process that stand in no list, or in a later one."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from landed.localcloud.isolation import bwrap
from scenarios.front import START, Front
from scenarios.shop import DOCKERFILE, JOB, MAIN, SCHOOL, Shop, bad, good


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    made = Front(tmp_path)
    made.lose()
    yield made
    made.stop()


def test_another_actor_puts_the_old_image_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """failure-modes 30."""
    shop.change(bad(SCHOOL))
    shop.push()
    old = shop.release()
    shop.fix()
    shop.push()
    monkeypatch.setenv("USER", "deployer")
    shop.release()
    monkeypatch.setenv("USER", "terraform")
    shop.deploy(f"{JOB}@{old}")
    shop.execute()
    traced = shop.trace()
    traced.breaks("deployed", "spec-overwritten", beside=("healed",))
    assert "terraform@" in traced.link("deployed")["because"]
    assert "spec-not-updated" in traced.link("deployed")["also"]


def test_the_build_went_to_another_repository(shop: Shop) -> None:
    """failure-modes 33."""
    shop.lose()
    shop.fix()
    shop.push()
    settings = (shop.work / "landed.toml").read_text()
    shop.write("landed.toml", settings.replace("expect =", 'image = "staging/worker"\nexpect ='))
    shop.build(tag="staging/worker:latest")
    traced = shop.trace()
    traced.breaks("deployed", "wrong-environment", beside=("healed",))


def test_builds_under_another_name_are_told(shop: Shop) -> None:
    shop.push()
    shop.build(tag="staging/worker:latest")
    shop.landed("cloud", "build", "--source", "remote", "--ref", "main", "--tag", "worker:1")
    shop.deploy("worker:1")
    kept = [path for path in (shop.cloud / "builds").iterdir() if path.is_dir()]
    shutil.rmtree(max(kept))
    traced = shop.trace()
    traced.cannot_tell("sourced")
    assert "the newest build made staging/worker:latest" in traced.link("built")["because"]


def test_a_volume_lies_over_the_code(shop: Shop) -> None:
    """failure-modes 32: an image with its code where the data of the job goes."""
    assert bwrap(), "this needs bubblewrap"
    shop.write("Dockerfile", DOCKERFILE.replace("/app", "/data"))
    shop.lose()
    shop.fix()
    shop.push()
    data = shop.cloud / "jobs" / JOB / "data" / "app"
    data.mkdir(parents=True)
    for name, text in (("__init__.py", ""), ("__main__.py", MAIN), ("job.py", good())):
        (data / name).write_text(text)
    shop.release()
    traced = shop.trace()
    assert "mount-hides-code" in (traced.diagnosis("ran"), *traced.link("ran")["also"])
    assert traced.answers[0] == "unknown"
    assert traced.code == 1


def test_byte_code_that_python_does_not_check(shop: Shop, tmp_path: Path) -> None:
    """Python runs it in place of the source beside it, so the source tells nothing."""
    shop.lose()
    shop.fix()
    shop.push()
    (tmp_path / "old.py").write_text(bad(SCHOOL))
    compiled = shop.work / "app" / "__pycache__" / "job.cpython-311.pyc"
    compiled.parent.mkdir(exist_ok=True)
    words = "import py_compile, sys; py_compile.compile(sys.argv[1], cfile=sys.argv[2], "
    words += "invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)"
    python = Path(__file__).parents[2] / ".runtime" / "bin" / "python"
    subprocess.run([python, "-c", words, tmp_path / "old.py", compiled], check=True)
    shop.write(".gcloudignore", ".landed/\n.git/\n")
    shop.roll_out(shop.upload())
    traced = shop.trace()
    traced.breaks("sourced", "untracked-file", beside=("healed",))
    assert traced.answers[0] == "unknown"
    assert traced.diagnosis("healed") != "fix-ineffective"


def test_a_build_that_nobody_recorded_is_not_an_older_one(front: Front) -> None:
    front.fix()
    front.push()
    front.release()
    front.trace().proves()
    newest = max((front.cloud / "builds").iterdir())
    shutil.rmtree(newest)
    traced = front.trace()
    traced.cannot_tell("sourced")
    assert traced.answers == ("yes", "unknown", "yes")


def test_a_variable_that_leads_away_from_the_image(front: Front) -> None:
    front.fix()
    front.push()
    digest = front.build().data["digest"]
    data = front.cloud / "services" / JOB / "data" / "app"
    data.mkdir(parents=True)
    (data / "__init__.py").write_text("")
    (data / "__main__.py").write_text(front.main)
    (data / "job.py").write_text(good() + START)
    variables = ("--env", "PYTHONPATH=/data", "--env", "PYTHONSAFEPATH=1")
    front.landed("cloud", "deploy", JOB, "--service", "--image", f"{JOB}@{digest}", *variables)
    front.execute()
    traced = front.trace()
    assert traced.broken() == {"ran"}
    assert traced.answers == ("unknown", "no", "unknown")


def test_all_traffic_to_the_old_and_none_to_the_new(front: Front) -> None:
    old = front.revisions()[0]
    front.fix()
    front.push()
    front.release()
    front.route(f"{front.revisions()[0]}=0", f"{old}=100")
    front.trace().breaks("deployed", "traffic-pinned", beside=("healed",))


def test_an_old_image_that_takes_no_traffic_breaks_nothing(front: Front) -> None:
    old = front.landed("cloud", "traffic", JOB).data["revisions"][0]["digest"]
    front.fix()
    front.push()
    front.release()
    front.route(f"{front.revisions()[0]}=100")
    front.deploy(f"{JOB}@{old}")
    front.execute()
    traced = front.trace()
    traced.proves()
    assert "takes no traffic" in traced.link("deployed")["notes"][0]
    front.landed("cloud", "traffic", JOB, "--to-latest")
    front.execute()
    front.trace().breaks("deployed", "spec-not-updated", beside=("healed",))


def test_an_instance_whose_entries_were_taken_away(front: Front) -> None:
    front.fix()
    front.push()
    front.release()
    front.stop()
    for path in (front.cloud / "services" / JOB / "logs" / front.revisions()[0]).iterdir():
        path.write_text("")
    front.execute()
    front.trace().cannot_tell("healed")


def test_records_of_a_service_that_are_damaged_or_gone(front: Front) -> None:
    front.fix()
    front.push()
    front.release()
    front.stop()
    place = front.cloud / "services" / JOB / "service.json"
    whole = place.read_text()
    place.write_text(whole[: len(whole) // 2])
    front.trace().cannot_tell("deployed")
    record = json.loads(whole)
    record["revisions"] = record["revisions"][:1]
    record["spec"]["traffic"] = [{"percent": 100, "revision": "worker-00009-xyz"}]
    place.write_text(json.dumps(record))
    front.trace().cannot_tell("deployed")
    place.write_text(whole)
    for instance in (place.parent / "instances").iterdir():
        shutil.rmtree(instance)
    front.trace().cannot_tell("deployed")
    place.unlink()
