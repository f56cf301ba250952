"""Manifest, lock and what is installed: where they do not agree, and where that is no fault.

The local cloud runs no RUN. What a RUN would have installed comes with a base image here, as pip
and npm leave it behind; a base that stays is a kept layer in effect.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from scenarios.builders import Buildah, needs_buildah, release_as
from scenarios.shop import DOCKERFILE, SCHOOL, Answer, Shop, bad, good

SITE = "usr/local/lib/python3.11/site-packages"
PIP = "RUN pip install --no-cache-dir -r requirements.txt"
SCHOOLS = "schools==2.0.0\nsqlalchemy==2.0.40\n"
INSTALLED = {"schools": "2.0.0", "sqlalchemy": "2.0.40"}
PROJECT = '[project]\nname = "worker"\nversion = "1"\ndependencies = ["schools>=2", "sqlalchemy"]\n'


def lock(**versions: str) -> str:
    """A uv.lock or a poetry.lock, as far as they are alike."""
    return "".join(f'[[package]]\nname = "{n}"\nversion = "{v}"\n\n' for n, v in versions.items())


def base(shop: Shop, installed: dict[str, str], *, site: str = SITE) -> None:
    """A base image with these packages, as pip leaves them behind."""
    for name, version in installed.items():
        folder = f"base/site/{name.replace('-', '_')}-{version}.dist-info"
        shop.write(
            f"{folder}/METADATA", f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"
        )
        shop.write(f"{folder}/RECORD", "")
    shop.write("base/site/README.txt", "what pip installed\n")
    shop.write("base/Dockerfile", f"FROM scratch\nCOPY site /{site}\n")
    shop.commit("The base")
    shop.push()
    assert shop.build("--context", "base", tag="base:latest").code == 0


def dockerfile(*lines: str) -> str:
    return "\n".join(
        [
            "FROM base:latest",
            "WORKDIR /app",
            *lines,
            "COPY app ./app",
            'CMD ["python", "-m", "app"]',
        ]
    )


def worker(shop: Shop, files: dict[str, str], run: str = PIP, *, changed: bool = True) -> Answer:
    """A worker with a bug, and then with these files and without the bug: what landed says."""
    first = dict.fromkeys(files, "") if changed else files
    for name, text in first.items():
        shop.write(name, text)
    names = " ".join(files)
    shop.write("Dockerfile", dockerfile(f"COPY {names} ./", run))
    shop.change(bad(SCHOOL), "Ask the school")
    shop.push()
    shop.release()
    for name, text in files.items():
        shop.write(name, text)
    shop.fix()
    shop.push()
    shop.release()
    return shop.trace()


def package(traced: Answer) -> dict[str, Any]:
    """The first package that does not fit, as the evidence has it."""
    evidence = traced.link("packed")["evidence"]
    found: dict[str, Any] = next(e["facts"] for e in evidence if "packages" in e["facts"])
    return dict(found["packages"][0])


def test_pip_installed_before_the_pin_moved(shop: Shop) -> None:
    base(shop, INSTALLED | {"schools": "1.4.0"})
    traced = worker(shop, {"requirements.txt": SCHOOLS})
    traced.breaks("packed", "lockfile-stale")
    because = traced.link("packed")["because"]
    assert "requirements.txt asks for schools==2.0.0, and 1.4.0 is installed" in because
    assert "--no-cache" in traced.link("packed")["remedy"][0]
    assert package(traced)["where"] == f"{SITE}/schools-1.4.0.dist-info/METADATA"


def test_pip_installed_before_the_name_was_there(shop: Shop) -> None:
    base(shop, {"sqlalchemy": "2.0.40"})
    traced = worker(shop, {"requirements.txt": SCHOOLS})
    traced.breaks("packed", "lockfile-stale")
    assert "the image does not have it" in traced.link("packed")["because"]


def test_the_requirements_were_not_compiled_again(shop: Shop) -> None:
    base(shop, INSTALLED | {"schools": "1.4.0"})
    old = SCHOOLS.replace("2.0.0", "1.4.0")
    files = {"requirements.in": "schools>=2\nsqlalchemy\n", "requirements.txt": old}
    traced = worker(shop, files)
    traced.breaks("packed", "lockfile-stale")
    packed = traced.link("packed")
    assert "requirements.in asks for schools>=2" in packed["because"]
    assert "by requirements.txt, which has 1.4.0" in packed["because"]
    assert packed["remedy"][:2] == ["pip-compile requirements.in", "git add -- requirements.txt"]


def test_the_lock_lacks_a_new_name_and_nobody_sees_what_is_installed(shop: Shop) -> None:
    base(shop, {})
    files = {"requirements.in": "schools\nsqlalchemy\n", "requirements.txt": "sqlalchemy==2.0.40\n"}
    traced = worker(shop, files)
    traced.breaks("packed", "lockfile-stale")
    assert "which does not have it" in traced.link("packed")["because"]


@pytest.mark.parametrize(
    ("name", "run"),
    [("uv.lock", "RUN uv sync --frozen --no-dev"), ("poetry.lock", "RUN poetry install --no-root")],
)
def test_a_lock_that_is_behind_its_project(shop: Shop, name: str, run: str) -> None:
    base(shop, INSTALLED | {"schools": "1.4.0"})
    files = {"pyproject.toml": PROJECT, name: lock(schools="1.4.0", sqlalchemy="2.0.40")}
    traced = worker(shop, files, run)
    traced.breaks("packed", "lockfile-stale")
    assert f"by {name}, which has 1.4.0" in traced.link("packed")["because"]
    assert traced.link("packed")["remedy"][0] == f"{name.split('.', maxsplit=1)[0]} lock"


def test_a_lock_that_moved_after_the_install(shop: Shop) -> None:
    base(shop, INSTALLED | {"schools": "1.4.0"})
    files = {"pyproject.toml": PROJECT, "uv.lock": lock(schools="2.0.0", sqlalchemy="2.0.40")}
    traced = worker(shop, files, "RUN uv sync --locked")
    traced.breaks("packed", "lockfile-stale")
    assert (
        "uv.lock asks for schools==2.0.0, and 1.4.0 is installed"
        in (traced.link("packed")["because"])
    )


def test_a_lock_that_was_behind_before_is_worth_knowing_and_no_more(shop: Shop) -> None:
    base(shop, {})
    files = {"requirements.in": "schools>=2\n", "requirements.txt": "schools==1.4.0\n"}
    traced = worker(shop, files, changed=False)
    traced.proves()
    assert traced.link("packed")["also"] == ["lockfile-stale"]


HEALTHY = {
    "all as asked": ({"requirements.txt": SCHOOLS}, INSTALLED, PIP),
    "a range": ({"requirements.txt": "schools>=1,<3\nsqlalchemy~=2.0\n"}, INSTALLED, PIP),
    "another spelling": ({"requirements.txt": "SQLAlchemy==2.0.40\n"}, INSTALLED, PIP),
    "a local version": ({"requirements.txt": SCHOOLS}, INSTALLED | {"schools": "2.0.0+cpu"}, PIP),
    "a marker": (
        {"requirements.txt": f"{SCHOOLS}colour==1 ; sys_platform == 'win32'\n"}, INSTALLED, PIP,
    ),
    "a line for each machine": (
        {"requirements.txt": f"{SCHOOLS}schools==1.4.0 ; python_version < '3.12'\n"},
        INSTALLED | {"schools": "1.4.0"}, PIP,
    ),
    "an address and an editable": (
        {"requirements.txt": f"{SCHOOLS}-e .\ntool @ https://example.invalid/tool.whl\n"},
        INSTALLED, PIP,
    ),
    "hashes": (
        {"requirements.txt": SCHOOLS.replace("\n", " \\\n    --hash=sha256:00\n")}, INSTALLED, PIP,
    ),
    "without records": ({"requirements.txt": SCHOOLS}, {}, PIP),
    "a file for developers": (
        {"requirements.txt": SCHOOLS, "requirements-dev.txt": "tests==1\nsqlalchemy==1\n"},
        INSTALLED, PIP,
    ),
    "another RUN says so": (
        {"requirements.txt": SCHOOLS}, INSTALLED | {"schools": "1.4.0"},
        f"{PIP} && pip install schools==1.4.0",
    ),
    "another file says otherwise": (
        {"requirements.txt": SCHOOLS, "more.txt": "schools==1.4.0\n"},
        INSTALLED | {"schools": "1.4.0"}, f"{PIP} && pip install -r more.txt",
    ),
    "nothing installs by it": (
        {"requirements.txt": SCHOOLS}, INSTALLED | {"schools": "1.4.0"}, "RUN true",
    ),
    "vendored": (
        {"requirements.txt": SCHOOLS + "vendored==1\n"}, INSTALLED, PIP,
    ),
    "groups of developers": (
        {"pyproject.toml": PROJECT + '[dependency-groups]\ndev = ["tests"]\n',
         "uv.lock": lock(schools="2.0.0", sqlalchemy="2.0.40", tests="1", certifi="2025")},
        INSTALLED | {"certifi": "2020"}, "RUN uv sync --frozen --no-dev",
    ),
    "a fork by machine": (
        {"pyproject.toml": PROJECT,
         "uv.lock": lock(schools="2.0.0") + lock(schools="2.1.0") + lock(sqlalchemy="2.0.40")},
        INSTALLED | {"schools": "2.1.0"}, "RUN uv sync --frozen",
    ),
    "an extra and a source of its own": (
        {"pyproject.toml": PROJECT.replace('"sqlalchemy"', '"sqlalchemy", "library"')
         + '[project.optional-dependencies]\nmore = ["colour"]\n'
         + '[tool.uv.sources]\nlibrary = { path = "library" }\n',
         "uv.lock": lock(schools="2.0.0", sqlalchemy="2.0.40")},
        INSTALLED, "RUN uv sync --frozen",
    ),
    "poetry's own notation": (
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nschools = "^2.0"\n'
         'colour = { version = "^1", optional = true }\n',
         "poetry.lock": lock(schools="2.0.0")},
        INSTALLED, "RUN poetry install --no-root",
    ),
    "uv locks anew": (
        {"pyproject.toml": PROJECT, "uv.lock": lock(schools="1.4.0", sqlalchemy="2.0.40")},
        {}, "RUN uv sync",
    ),
    "installed newer than the lock, as asked": (
        {"requirements.in": "schools>=2\nsqlalchemy\n",
         "requirements.txt": SCHOOLS.replace("2.0.0", "1.4.0")},
        INSTALLED, PIP,
    ),
    "for developers, on demand": (
        {"requirements.txt": SCHOOLS, "requirements-dev.txt": "-r requirements.txt\ntests==1\n"},
        INSTALLED, f'{PIP} && if [ "$WHO" = dev ]; then pip install -r requirements-dev.txt; fi',
    ),
    "what the documents are made with": (
        {"docs/requirements.txt": f"{SCHOOLS}sphinx==8.0\n"}, INSTALLED,
        "RUN uv export --frozen > requirements.txt && pip install -r requirements.txt",
    ),
    "damaged files": (
        {"pyproject.toml": "[project\n", "uv.lock": "\0\xff[[",
         "requirements.txt": "==\n@\n-r requirements.txt\n-r x\n"},
        INSTALLED, f"{PIP} && uv sync --frozen",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HEALTHY)
def test_what_is_no_fault(shop: Shop, name: str) -> None:
    files, installed, run = HEALTHY[name]
    shop.write("base/site/vendored/__init__.py", "")
    base(shop, installed)
    traced = worker(shop, files, run)
    traced.proves()
    assert traced.link("packed")["also"] == []


def test_a_second_folder_with_the_right_version_is_enough(shop: Shop) -> None:
    for name, version in INSTALLED.items():
        place = f"base/other/{name}-{version}.dist-info/METADATA"
        shop.write(place, f"Name: {name}\nVersion: {version}\n")
    base(shop, {"schools": "1.4.0"}, site="usr/lib/python3/dist-packages")
    shop.write("base/Dockerfile", (shop.work / "base/Dockerfile").read_text()
               + f"COPY other /{SITE}\n")  # fmt: skip
    shop.commit("Two folders")
    shop.push()
    shop.build("--context", "base", tag="base:latest")
    worker(shop, {"requirements.txt": SCHOOLS}).proves()


@pytest.mark.parametrize(
    "record", ["PyYAML-6.0.egg-info/PKG-INFO", "PyYAML-6.0-py3.11.egg-info/PKG-INFO",
               "PyYAML-6.0.egg-info"],
)  # fmt: skip
def test_what_the_distribution_or_an_old_pip_installed_is_there(shop: Shop, record: str) -> None:
    shop.write(f"base/other/{record}", "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0\n")
    shop.write("base/other/yaml/__init__.py", "")
    base(shop, INSTALLED)
    shop.write("base/Dockerfile", (shop.work / "base/Dockerfile").read_text()
               + "COPY other /usr/lib/python3/dist-packages\n")  # fmt: skip
    shop.commit("Of the distribution")
    shop.push()
    shop.build("--context", "base", tag="base:latest")
    worker(shop, {"requirements.txt": f"{SCHOOLS}pyyaml==6.0\n"}).proves()


def modules(shop: Shop, installed: dict[str, str], noted: dict[str, str] | None = None) -> None:
    """A base image with these packages, as npm leaves them behind."""
    note = {f"node_modules/{n}": {"version": v} for n, v in (noted or installed).items()}
    for name, version in installed.items():
        package_json = json.dumps({"name": name, "version": version})
        shop.write(f"base/node_modules/{name}/package.json", package_json)
    text = json.dumps({"lockfileVersion": 3, "packages": note})
    shop.write("base/node_modules/.package-lock.json", text)
    shop.write("base/Dockerfile", "FROM scratch\nCOPY node_modules /srv/node_modules\n")
    shop.commit("The base")
    shop.push()
    assert shop.build("--context", "base", tag="base:latest").code == 0


def npm(shop: Shop, locked: dict[str, Any], asked: dict[str, str], run: str) -> Answer:
    packages: dict[str, Any] = {"": {"dependencies": asked}}
    packages |= {f"node_modules/{n}": v for n, v in locked.items()}
    files = {
        "package.json": json.dumps({"name": "worker", "dependencies": asked}),
        "package-lock.json": json.dumps({"lockfileVersion": 3, "packages": packages}),
    }
    for name, text in files.items():
        shop.write(name, text)
    lines = ("COPY package.json package-lock.json /srv/", run)
    shop.write("Dockerfile", dockerfile(*lines))
    shop.fix(good())
    shop.push()
    shop.release()
    return shop.trace()


def test_npm_installed_before_the_lock_moved(shop: Shop) -> None:
    modules(shop, {"left": "1.0.0", "right": "2.0.0"})
    locked = {"left": {"version": "1.1.0"}, "right": {"version": "2.0.0"}}
    traced = npm(shop, locked, {"left": "^1.1.0"}, "RUN npm ci --omit=dev")
    traced.breaks("packed", "lockfile-stale")
    assert "asks for left@1.1.0, and 1.0.0 is installed" in traced.link("packed")["because"]


def test_npm_installed_before_the_name_was_there(shop: Shop) -> None:
    modules(shop, {"left": "1.0.0"})
    locked = {"left": {"version": "1.0.0"}, "right": {"version": "2.0.0"}}
    traced = npm(shop, locked, {"left": "^1", "right": "^2"}, "RUN npm ci")
    traced.breaks("packed", "lockfile-stale")
    assert "right@2.0.0, and the image does not have it" in traced.link("packed")["because"]


@pytest.mark.parametrize(
    "how", ["dev", "optional", "devOptional", "peer", "link", "global", "elsewhere", "note"]
)
def test_what_npm_leaves_out_is_no_fault(shop: Shop, how: str) -> None:
    noted = {"left": "0.9.0", "right": "2.0.0"} if how == "note" else None
    modules(shop, {"left": "1.0.0", "right": "2.0.0"}, noted)
    mark = {how: True} if how not in {"global", "elsewhere", "note"} else {}
    locked: dict[str, Any] = {"left": {"version": "1.0.0"}, "right": {"version": "2.0.0"}}
    if mark:
        locked["other"] = {"version": "3.0.0", **mark}
    run = {"global": "RUN npm install -g tool@1", "elsewhere": "RUN npm ci --prefix /other"}
    if how in run:
        locked["left"] = {"version": "1.1.0"}
    npm(shop, locked, {"left": "^1"}, run.get(how, "RUN npm ci")).proves()


@needs_buildah
@pytest.mark.parametrize(("by", "holds"), [("RUN", True), ("/bin/sh -c", True), ("COPY", False)])
def test_what_a_run_made_beside_the_code_was_not_swept_in(
    shop: Shop,
    by: str,
    holds: bool,  # noqa: FBT001 - of a table
) -> None:
    shop.write("Dockerfile", DOCKERFILE.replace("CMD", "RUN make stubs\nCMD"))
    shop.fix()
    shop.push()
    shop.release()
    image = Buildah(shop)
    image.layer("app", "/app/app")
    shop.write("stubs/school_pb2.py", "NAME = 1\n")
    image.layer("stubs", "/app/app", by=by)
    release_as(shop, image.push())
    traced = shop.trace()
    assert traced.statuses()["packed"] == ("holds" if holds else "broken"), traced.said()
    assert traced.diagnosis("packed") == (None if holds else "untracked-file")
