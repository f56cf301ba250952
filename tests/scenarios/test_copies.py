"""Two copies of one package in an image, and which of them runs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from scenarios.builders import Buildah, needs_buildah, release_as
from scenarios.front import START as START_OF_FRONT
from scenarios.front import Front
from scenarios.shop import JOB, ON_BOTH, SCHOOL, Answer, Shop, bad, good

SITE = "usr/local/lib/python3.11/site-packages"
RECIPE = "FROM {base}\nWORKDIR /srv\nCOPY app ./src/app\nCOPY bin ./bin\n{more}CMD {start}\n"
START = '["python", "/srv/bin/start.py"]'
MAIN = "import runpy\n\nrunpy.run_module('app', run_name='__main__')\n"
LONG = "".join(f"LINE_{number} = {number}\n" for number in range(20))


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """The shop with an error in it, and a program that takes the worker from its search path."""
    shop.write("bin/start.py", MAIN)
    shop.write(".dockerignore", "base\n")
    shop.change(bad(SCHOOL) + LONG, "Ask the school")
    return shop


def with_base(shop: Shop, place: str, **others: str) -> str:
    """A base image that has the worker as it is now, or else with `others`; the commit of that."""
    for path in (shop.work / "app").glob("*.py"):
        shop.write(f"base/{place}/app/{path.name}", path.read_text())
    for name, text in others.items():
        shop.write(f"base/{place}/app/{name}.py", text)
    shop.write("base/Dockerfile", "FROM scratch\nCOPY . /\n")
    shop.write("base/.dockerignore", "Dockerfile\n.dockerignore\n")
    old = shop.git("rev-parse", "HEAD")
    shop.commit("A base of our own")
    shop.push()
    assert shop.build("--context", "base", tag="base:latest").code == 0
    return old


def with_prepared(shop: Shop, place: str) -> None:
    """The worker as it is now, committed as a part of the image at another place."""
    for path in (shop.work / "app").glob("*.py"):
        shop.write(f"prepared/{place}/app/{path.name}", path.read_text())
    shop.commit("Prepared packages")


def fixed(
    shop: Shop, *lines: str, base: str = "base:latest", start: str = START, job: str = ""
) -> Answer:
    """Releases the bug, then the fix, in an image that begins so; what landed says then."""
    more = "".join(f"{line}\n" for line in lines)
    shop.write("Dockerfile", RECIPE.format(base=base, more=more, start=start))
    shop.commit("A recipe")
    shop.push()
    shop.release()
    shop.fix((job or good()) + LONG)
    shop.push()
    shop.release()
    return shop.trace()


def because(traced: Answer) -> str:
    return str(traced.data["answers_because"]["in_there"])


def test_a_package_that_was_not_installed_again(shop: Shop) -> None:
    old = with_base(shop, SITE)
    traced = fixed(shop, f"ENV PYTHONPATH=/{SITE}")
    traced.breaks("packed", "package-not-reinstalled", beside=("healed",))
    assert traced.diagnosis("healed") == "change-not-running"
    assert traced.answers == ("no", "unknown", "no")
    assert f"{SITE}/app/job.py ({old[:10]} has that content)" in because(traced)
    assert "--force-reinstall" in str(traced.link("packed")["remedy"])
    assert shop.landed("where").data["environments"][0]["in_there"] == "no"
    # Installed again, it is there.
    with_base(shop, SITE)
    shop.release()
    again = shop.trace("HEAD~1")
    again.proves()
    assert again.answers == ("yes", "yes", "yes")


def test_a_search_path_that_leads_to_an_older_copy(shop: Shop) -> None:
    old = with_base(shop, "opt/old")
    traced = fixed(shop, "ENV PYTHONPATH=/opt/old:/srv/src")
    traced.breaks("ran", "other-copy-ran", beside=("healed",))
    assert traced.answers[0] == "no"
    assert f"{old[:10]} has that content" in traced.link("ran")["because"]
    assert "srv/src/app" in str(traced.link("ran")["remedy"])
    shown = traced.link("ran")["evidence"][-1]
    copy = next(one for one in shown["facts"]["copies"] if one["path"] == "opt/old/app/job.py")
    assert (copy["has_it"], copy["ran"]) == (old, True)
    assert copy["blob"] == shop.git("rev-parse", f"{old}:app/job.py")
    assert shown["see"].startswith("cat ")
    # The other way round, the same image is right.
    text = (shop.work / "Dockerfile").read_text()
    shop.write("Dockerfile", text.replace("/opt/old:/srv/src", "/srv/src:/opt/old"))
    shop.commit("Look here first")
    shop.push()
    shop.release()
    again = shop.trace("HEAD~1")
    again.proves()
    assert "not what runs: opt/old/app/job.py" in str(again.link("packed")["notes"])
    assert again.answers == ("yes", "yes", "yes")


def test_a_folder_in_which_an_older_copy_is_started(shop: Shop) -> None:
    with_base(shop, "opt/old")
    traced = fixed(shop, "WORKDIR /opt/old", start='["python", "-m", "app"]')
    traced.breaks("ran", "other-copy-ran", beside=("healed",))
    assert traced.answers[0] == "no"
    assert {"mount-hides-code", "execution-failed"} <= traced.ruled_out("ran")


def test_an_archive_on_the_search_path(shop: Shop) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((shop.work / "app").glob("*.py")):
            archive.write(path, f"app/{path.name}")
    (shop.work / "opt").mkdir()
    (shop.work / "opt/app.whl").write_bytes(packed.getvalue())
    traced = fixed(
        shop, "COPY opt /opt", "ENV PYTHONPATH=/opt/app.whl:/srv/src", base="python:3.11-slim"
    )
    traced.breaks("ran", "other-copy-ran", beside=("healed",))
    assert traced.answers[0] == "no"
    assert "opt/app.whl/app/job.py" in because(traced)


def test_a_new_file_that_the_installed_package_lacks(shop: Shop) -> None:
    shop.write("app/job.py", "from app import schools\n")
    shop.write(
        "app/__main__.py",
        "try:\n    from app import schools\nexcept ImportError:\n    print('work done without')\n"
        "else:\n    print('work done with schools')\n",
    )
    with_base(shop, SITE)
    shop.write("Dockerfile", RECIPE.format(base="base:latest", more=f"ENV PYTHONPATH=/{SITE}\n",
                                           start=START))  # fmt: skip
    shop.commit("A recipe")
    shop.write("app/schools.py", "SCHOOLS = 1\n")
    shop.commit("The schools")
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.breaks("packed", "package-not-reinstalled")
    assert traced.answers[0] == "no"
    assert "which has no such file" in because(traced)


def test_a_package_from_before_a_file_was_renamed(shop: Shop) -> None:
    with_base(shop, SITE)
    shop.git("mv", "app/job.py", "app/work.py")
    shop.write("app/__main__.py", (shop.work / "app/__main__.py").read_text().replace(
        "import job", "import work as job"))  # fmt: skip
    shop.write("Dockerfile", RECIPE.format(
        base="base:latest", start=START, more=f"ENV PYTHONPATH=/{SITE}\n"))  # fmt: skip
    shop.commit("Rename")
    shop.write("app/work.py", good() + LONG)
    shop.commit("Mend the worker", fixes=SCHOOL)
    shop.push()
    shop.release()
    traced = shop.trace()
    assert traced.data["first_break"] == "packed", traced.said()
    assert traced.answers[0] == "no", because(traced)


def test_an_installed_package_that_is_in_no_commit(shop: Shop) -> None:
    with_base(shop, SITE, job=bad(SCHOOL) + LONG + "# by hand\n")
    traced = fixed(shop, f"ENV PYTHONPATH=/{SITE}")
    traced.breaks("packed", "package-not-reinstalled", beside=("healed",))
    assert "it is in no commit" in because(traced)


def test_what_was_loaded_in_its_stead_and_cannot_be_compared(shop: Shop) -> None:
    """Another program of the same name, started from a folder that only the job names."""
    with_base(shop, "opt/other", job="print('another')\n\n\ndef run():\n    return 'work done'\n")
    traced = fixed(shop, "ENV PYTHONPATH=/srv/src", "WORKDIR /opt/other")
    traced.proves()
    image = str(traced.link("deployed")["subject"]["digest"])
    command = ("--env", "PYTHONPATH=/opt/other")
    shop.landed("cloud", "deploy", JOB, "--image", f"{JOB}@{image}", *command)
    shop.execute()
    traced = shop.trace()
    assert traced.verdict != "proved", traced.said()
    assert traced.answers[0] == "unknown", because(traced)
    assert traced.statuses()["ran"] == "unseen", traced.said()


@ON_BOTH
def test_a_second_copy_of_which_nobody_can_tell_whether_it_runs(shop: Shop) -> None:
    with_prepared(shop, SITE)
    traced = fixed(
        shop,
        "COPY prepared /",
        "ENV PYTHONPATH=/srv/src",
        base="python:3.11-slim",
    )
    if traced.link("ran")["evidence"][0]["see"].startswith("cat "):
        # Here the execution says what it loaded.
        traced.proves()
        traced = shop.trace("--digest", shop.build().data["digest"])
    traced.cannot_tell("packed")
    assert traced.answers == ("unknown", "unknown", "unknown")
    assert "which of them runs, nobody could tell" in because(traced)
    assert "leave one copy" in traced.link("packed")["remedy"][0]


@ON_BOTH
@pytest.mark.parametrize(
    "place",
    [
        "srv/src/build/lib",
        "srv/src/build/lib.linux-x86_64-cpython-311",
        "srv/tests",
        "usr/share/doc/worker",
        "root/.cache/worker",
        "srv/other",
    ],
)
def test_old_copies_that_nothing_runs_from(shop: Shop, place: str) -> None:
    with_prepared(shop, place)
    traced = fixed(
        shop,
        "COPY prepared /",
        "ENV PYTHONPATH=/srv/src",
        base="python:3.11-slim",
    )
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")


@ON_BOTH
def test_two_files_of_one_name_that_both_run(shop: Shop) -> None:
    """They began as copies, and one of them was changed since."""
    recipe = (shop.work / "Dockerfile").read_text()
    shop.write("Dockerfile", recipe.replace("COPY app ./app", "COPY . ."))
    paths = ("config.py", "app/config.py", "b/app/main.py", "backup/app/job.py", "docs/config.py")
    for path in paths:
        shop.write(path, LONG)
    job = "import config\nfrom app import config as its\n\nassert config is not its\n\n\n"
    shop.change(job + bad(SCHOOL), "Settings")
    shop.push()
    shop.release()
    shop.write("config.py", LONG + "MORE = 1\n")
    shop.fix(job + good())
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")


def test_byte_code_without_its_text_on_the_search_path(shop: Shop) -> None:
    shop.write("prepared/opt/old/app/job.pyc", "\0 an older job")
    shop.commit("Only what was compiled")
    path = "ENV PYTHONPATH=/srv/src:/opt/old"
    traced = fixed(shop, "COPY prepared /", path, base="python:3.11-slim")
    # An execution says what it loaded; where none ran, nobody can tell.
    traced.proves()
    traced = shop.trace("--digest", shop.build().data["digest"])
    traced.cannot_tell("packed")
    assert "opt/old/app/job.pyc" in because(traced)


def test_an_old_copy_that_pip_left_behind(shop: Shop) -> None:
    with_base(shop, "srv/build/lib")
    traced = fixed(shop, "ENV PYTHONPATH=/srv/src")
    traced.proves()
    assert traced.link("packed")["notes"] == []


@ON_BOTH
def test_equal_copies_are_no_matter(shop: Shop) -> None:
    shop.write("Dockerfile", RECIPE.format(
        base="python:3.11-slim", start=START,
        more=f"COPY app /{SITE}/app\nENV PYTHONPATH=/{SITE}\n"))  # fmt: skip
    shop.commit("Twice")
    shop.push()
    shop.release()
    shop.fix(good() + LONG)
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")


@ON_BOTH
def test_files_of_the_same_name_that_are_no_copies(shop: Shop) -> None:
    others = {
        f"{SITE}/other/job.py": "class Job:\n    pass\n",
        f"{SITE}/other/app/job.py": "class Job:\n    name = 'app'\n    queue = None\n",
        f"{SITE}/job.py": "from other import Job\n",
        f"{SITE}/other/__init__.py": "",
        "usr/lib/node_modules/other/app/job.py": "# generated\n",
        "srv/src/extra/app/job.py": "EXTRA = 1\n",
    }
    for path, text in others.items():
        shop.write(f"prepared/{path}", text)
    traced = fixed(shop, "COPY prepared /", "ENV PYTHONPATH=/srv/src", base="python:3.11-slim")
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")


def test_a_copy_that_has_the_change_though_it_is_older(shop: Shop) -> None:
    fix = shop.fix(good() + LONG)
    with_base(shop, SITE)
    shop.change(good() + LONG + "MORE = 1\n")
    shop.write("Dockerfile", RECIPE.format(
        base="base:latest", start=START, more=f"ENV PYTHONPATH=/{SITE}\n"))  # fmt: skip
    shop.commit("More")
    shop.push()
    shop.release()
    traced = shop.trace(fix)
    traced.proves()
    assert traced.answers[0] == "yes"
    # Of what came after it, the installed one has nothing.
    shop.trace("HEAD~1").breaks("packed", "package-not-reinstalled")


def test_a_shipment_stops_before_a_second_copy_goes_out(shop: Shop) -> None:
    with_base(shop, SITE)
    shop.write("Dockerfile", RECIPE.format(
        base="base:latest", start=START, more="ENV PYTHONPATH=/srv/src\n"))  # fmt: skip
    shop.commit("A recipe")
    shop.push()
    before = shop.release()
    shop.fix(good() + LONG)
    shop.push()
    shipped = shop.landed("ship")
    assert (shipped.code, shipped.data["stopped_at"]) == (3, "prove"), shipped.data
    step = next(one for one in shipped.data["steps"] if one["step"] == "prove")
    assert f"{SITE}/app/job.py" in step["because"]
    assert "leave one copy" in step["remedy"][0]
    assert shop.trace().link("deployed")["subject"]["digest"] == before
    # With one copy in it, it goes out.
    shop.write("base/Dockerfile", "FROM scratch\nCOPY nothing /\n")
    shop.write("base/nothing", "")
    shop.commit("An empty base")
    shop.push()
    assert shop.build("--context", "base", tag="base:latest").code == 0
    assert shop.landed("ship", "HEAD~1").code == 0


def test_a_service_that_still_runs_does_not_say_what_it_loaded(tmp_path: Path) -> None:
    front = Front(tmp_path)
    try:
        front.change(good() + START_OF_FRONT + LONG)
        for path in (front.work / "app").glob("*.py"):
            front.write(f"prepared/{SITE}/app/{path.name}", path.read_text())
        front.write("Dockerfile", "FROM python:3.11-slim\nWORKDIR /app\nCOPY app ./app\n"
                    'COPY prepared /\nCMD ["python", "-m", "app"]\n')  # fmt: skip
        front.change(good("work done well") + START_OF_FRONT + LONG)
        front.push()
        front.release()
        traced = front.trace()
        traced.cannot_tell("packed")
        assert traced.answers[0] == "unknown"
    finally:
        front.stop()


@needs_buildah
@pytest.mark.parametrize(("by", "proved"), [("RUN", True), ("COPY", False)])
def test_what_a_run_made_of_the_code_is_no_older_copy(
    shop: Shop,
    by: str,
    proved: bool,  # noqa: FBT001 - of a table
) -> None:
    """Compiled in the image, line by line, to where programs look for it."""
    recipe = "FROM python:3.11-slim\nWORKDIR /app\nCOPY app ./app\nCOPY src ./src\nRUN compile\n"
    shop.write("Dockerfile", recipe + 'CMD ["python", "-m", "app"]\n')
    shop.write("src/job.js", f"const where = 'a school';\n{LONG}")
    shop.change(good())
    shop.write("src/job.js", f"const where = 'our school';\n{LONG}")
    shop.fix(good("work done again"))
    shop.push()
    shop.release()
    image = Buildah(shop)
    image.layer("app", "/app/app")
    image.layer("src", "/app/src")
    shop.write("made/job.js", f'var where = "our school";\n{LONG}')
    image.layer("made", "/app", by=by)
    release_as(shop, image.push())
    traced = shop.trace()
    assert (traced.verdict == "proved") is proved, traced.said()
